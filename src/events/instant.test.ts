import { expect, test } from "bun:test";
import { instant, isUnset } from "./instant.ts";

test.each([
  ["2025-06-15T12:00:00Z", "2025-06-15T14:00:00+02:00"],
  ["2025-06-15T12:00:00Z", "2025-06-15T12:00:00.000000000Z"],
  ["2025-06-15T23:30:00-01:30", "2025-06-16T01:00:00Z"],
])("%p is %p", (one, other) => {
  expect(instant(one)).toBe(instant(other) ?? -1n);
});

test("times are ordered to the nanosecond, where their texts are not", () => {
  const texts = [
    "2025-06-15T12:00:00.1Z",
    "2025-06-15T12:00:00.100000001Z",
    "2025-06-15T12:00:00.12Z",
    "2025-06-15T12:00:01Z",
  ];
  const times = texts.map((text) => instant(text) ?? 0n);
  expect(times.toSorted((a, b) => Number(a - b))).toEqual(times);
  expect(new Set(times).size).toBe(texts.length);
});

test("the year 1 is no time, however it is written", () => {
  for (const text of ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z", "0001-01-01T01:00:00+01:00"])
    expect(isUnset(instant(text) ?? 0n)).toBe(true);
  expect(isUnset(instant("1970-01-01T00:00:00Z") ?? -1n)).toBe(false);
});

test.each([
  "",
  "now",
  "2025-06-15",
  "2025-06-15 12:00:00Z",
  "2025-02-30T00:00:00Z",
  "2025-06-15T24:00:00Z",
  "2025-06-15T12:00:60Z",
  "2025-06-15T12:00:00",
])("%p is no time", (text) => {
  expect(instant(text)).toBeUndefined();
});
