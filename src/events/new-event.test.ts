import { describe, expect, test } from "bun:test";
import { newEvent } from "./new-event.ts";

const NOW = new Date("2026-01-31T12:00:00.123Z");
const bytes = (text: string) => new TextEncoder().encode(text);
const stored = (text: string, seq = 7) => newEvent(bytes(text), NOW).text(seq);

test("nothing is lost but the number and an unset time", () => {
  const input =
    '{"seq":0,"type":"a.b","ts":"0001-01-01T00:00:00Z","actor":"","subject":"\\u003cs\\u003e","payload":{"n":12345678901234567890,"f":1.0,"2":{},"1":[]},"depends_on_step_ids":[],"new_key":null}';
  const output = input.replace('"seq":0', '"seq":7').replace("0001-01-01T00:00:00Z", "2026-01-31T12:00:00.123Z");
  expect(stored(input)).toBe(output);
});

test.each(["2025-06-15T12:00:00Z", "2025-06-15T12:00:00.123456789+02:00"])("the time %p stays as it is", (ts) => {
  expect(JSON.parse(stored(JSON.stringify({ type: "a", ts })))).toEqual({ seq: 7, type: "a", ts });
});

test.each([
  '{"type":"a"}',
  '{"type":"a","ts":null}',
  '{"ts":"0001-01-01T00:00:00Z","type":"a"}',
  '{"seq":3,"seq":4,"type":"a"}',
])("%p gets a number and a time", (text) => {
  expect(JSON.parse(stored(text))).toEqual({ seq: 7, type: "a", ts: "2026-01-31T12:00:00.123Z" });
});

test("what is absent stays absent, and what is empty stays empty", () => {
  expect(JSON.parse(stored("{}"))).toEqual({ seq: 7, ts: "2026-01-31T12:00:00.123Z" });
  expect(JSON.parse(stored('{"message":"","depends_on_step_ids":[]}'))).toMatchObject({
    message: "",
    depends_on_step_ids: [],
  });
});

test("the stored text is one line", () => {
  expect(stored(JSON.stringify({ type: "a", payload: { text: "two\nlines" } }, null, 2))).not.toMatch(/[\r\n]/);
});

describe("refused, because gc could read no list with it", () => {
  test.each<[string, string]>([
    ["", "standard input is no JSON object"],
    ["[]", "standard input is no JSON object"],
    ["null", "standard input is no JSON object"],
    ['{"type":"a"', "standard input is no JSON object"],
    ['{"type":5}', 'its "type" is not a text'],
    ['{"ts":"yesterday"}', 'its "ts" is not a time such as 2026-01-31T12:00:00.5Z'],
    ['{"ts":"2025-02-30T00:00:00Z"}', 'its "ts" is not a time such as 2026-01-31T12:00:00.5Z'],
    ['{"seq":-1}', 'its "seq" is not a whole number'],
    ['{"depends_on_step_ids":"x"}', 'its "depends_on_step_ids" is not a list of texts'],
    ['{"depends_on_step_ids":[1]}', 'its "depends_on_step_ids" is not a list of texts'],
  ])("%p", (text, problem) => {
    expect(() => stored(text)).toThrow(`Cannot record the event: ${problem}`);
  });

  test("bytes that are no text", () => {
    expect(() => newEvent(Uint8Array.of(0x22, 0xff, 0x22), NOW)).toThrow("standard input is no JSON object");
  });
});

test("an event is refused when a ConfigMap cannot hold it under any number", () => {
  const sized = (size: number) => JSON.stringify({ type: "é", payload: "x".repeat(size) });
  const overhead = Buffer.byteLength(newEvent(bytes(sized(0)), NOW).text(9_999_999_999));
  const most = 1024 * 1024 - overhead;
  expect(Buffer.byteLength(newEvent(bytes(sized(most)), NOW).text(9_999_999_999))).toBe(1024 * 1024);
  expect(() => newEvent(bytes(sized(most + 1)), NOW)).toThrow("it has 1048577 bytes, and a ConfigMap holds 1048576");
});
