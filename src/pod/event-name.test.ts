import { expect, test } from "bun:test";
import { cityKey } from "./city-key.ts";
import { eventName, LAST_SEQ, seqOf, upstreamSeqOf } from "./event-name.ts";

test("newer events sort first, whatever their number of digits", () => {
  const seqs = [1, 2, 9, 10, 99, 100, 12_345, 9_999_999_998, LAST_SEQ];
  const names = seqs.map((seq) => eventName("c", seq));
  expect(names.toSorted()).toEqual(names.toReversed());
  expect(names.map((name) => seqOf(name, "c"))).toEqual(seqs);
});

test("no two cities share a name or a label", () => {
  const cities = [
    "a",
    "A",
    "a ",
    "a-9999999998",
    "a-b",
    "a.b",
    "a_b",
    "日本",
    "東京",
    "---",
    "",
    "0123456789",
    "x".repeat(41),
  ];
  const keys = cities.map(cityKey);
  expect(new Set(keys).size).toBe(cities.length);
  for (const key of keys) expect(key).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
  const lookalike = cityKey("a b");
  expect(cityKey(lookalike)).not.toBe(lookalike);
});

test("a plain city is called by its own name", () => {
  expect(["default", "my-city", "tc1"].map(cityKey)).toEqual(["default", "my-city", "tc1"]);
});

test("a name belongs to one city", () => {
  expect(seqOf(eventName("a-b", 7), "a")).toBeUndefined();
  expect(seqOf("gc-event-a-1", "a")).toBeUndefined();
  expect(seqOf("gc-event-a-00000000011", "a")).toBeUndefined();
});

test.each<[string, number | undefined]>([
  ["gc-evt-0000000012", 12],
  ["gc-evt-12345678901", 12_345_678_901],
  ["gc-evt-12", undefined],
  ["gc-events-seq", undefined],
  ["gc-evt-000000001x", undefined],
])("upstream's %p has number %p", (name, seq) => {
  expect(upstreamSeqOf(name)).toBe(seq);
});
