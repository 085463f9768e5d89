import { expect, test } from "bun:test";
import { OperationError } from "../provider/errors.ts";
import { activity } from "./get-last-activity.ts";

const NOW = Date.parse("2026-01-02T03:04:05.900Z");

test.each([
  // session's, window's and box's time in seconds; how long ago that is; our own clock counts
  ["100 100\n100\n", "2026-01-02T03:04:05Z"],
  ["100 40\n110\n", "2026-01-02T03:03:55Z"],
  ["40 100\n110\n", "2026-01-02T03:03:55Z"],
  ["1000000 1000000\n1003600\n", "2026-01-02T02:04:05Z"],
  ["100 100\n99\n", "2026-01-02T03:04:05Z"],
  ["100 4000000000\n200\n", "2026-01-02T03:04:05Z"],
])("%p is %s", (answer, expected) => {
  expect(activity(answer, NOW)).toBe(expected);
});

test("a box whose clock is a year off tells the same", () => {
  expect(activity("31536100 31536100\n31536110\n", NOW)).toBe(activity("100 100\n110\n", NOW));
});

test.each(["", "x y\nz\n", "100 100\n", "100\n100\n", "100 100\n1e3\n", "-1 100\n100\n", "1 1\n99999999999\n"])(
  "the answer %p is no time",
  (answer) => {
    expect(() => activity(answer, NOW)).toThrow(OperationError);
  },
);
