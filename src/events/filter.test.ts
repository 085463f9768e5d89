import { describe, expect, test } from "bun:test";
import { matches, parseFilter, selectorOf } from "./filter.ts";

const parse = (value: unknown) => parseFilter(new TextEncoder().encode(JSON.stringify(value)));
const UNSET = { Type: "", Actor: "", Since: "0001-01-01T00:00:00Z", AfterSeq: 0 };
const event = { seq: 5, type: "a.b", actor: "me", ts: "2025-06-15T12:00:00.5Z" };
const found = (filter: object, more: object = {}) =>
  matches(parse({ ...UNSET, ...filter }), { seq: event.seq, text: "", event: { ...event, ...more } });

test("gc's empty filter, and none at all, ask for everything", () => {
  const everything = { type: "", actor: "", since: undefined, afterSeq: 0 };
  expect(parse(UNSET)).toEqual(everything);
  expect(parseFilter(new Uint8Array())).toEqual(everything);
  expect(parse({ ...UNSET, Limit: 2, Subject: "x" })).toEqual(everything);
});

test.each<[object, boolean]>([
  [{}, true],
  [{ Type: "a.b" }, true],
  [{ Type: "a" }, false],
  [{ Actor: "me" }, true],
  [{ Actor: "m" }, false],
  [{ AfterSeq: 4 }, true],
  [{ AfterSeq: 5 }, false],
  [{ Since: "2025-06-15T12:00:00.5Z" }, true],
  [{ Since: "2025-06-15T12:00:00Z" }, true],
  [{ Since: "2025-06-15T14:00:00.4+02:00" }, true],
  [{ Since: "2025-06-15T14:00:00.6+02:00" }, false],
  [{ Since: "2025-06-15T13:00:00Z" }, false],
  [{ Type: "a.b", Actor: "you" }, false],
])("%p", (filter, isFound) => {
  expect(found(filter)).toBe(isFound);
});

test("an event whose time cannot be read is left to gc's judgement", () => {
  expect(found({ Since: "2025-06-15T13:00:00Z" }, { ts: "?" })).toBe(true);
});

describe("labels select no less than the filter", () => {
  test.each<[string, string]>([
    ["a.b", ",gc/type=a.b"],
    ["a/b c", ",gc/type=a_b_c"],
    ["_a_", ",gc/type=a"],
    ["日本", ""],
    ["", ""],
    ["x".repeat(80), `,gc/type=${"x".repeat(63)}`],
  ])("type %p: %p", (type, selector) => {
    expect(selectorOf(parse({ ...UNSET, Type: type }))).toBe(selector);
  });
});

test.each([
  "[]",
  "null",
  "5",
  "{",
  '{"Type":5}',
  '{"Actor":null}',
  '{"AfterSeq":"1"}',
  '{"AfterSeq":-1}',
  '{"Since":"x"}',
  '{"Since":0}',
])("%p is no filter", (text) => {
  expect(() => parseFilter(new TextEncoder().encode(text))).toThrow("Cannot list events: ");
});
