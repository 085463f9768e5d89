import { expect, test } from "bun:test";
import { ageMs, wholeNumber } from "./age.ts";

test.each([
  ["0s", 0],
  ["90m", 5_400_000],
  ["24h", 86_400_000],
  ["7d", 604_800_000],
])("%p is %p ms", (text, ms) => {
  expect(ageMs(text, "--older-than")).toBe(ms);
});

test.each(["", "24", "h", "-1h", "1.5h", "1 h", "1w", "1h30m"])("%p is no age", (text) => {
  expect(() => ageMs(text, "--older-than")).toThrow(`Cannot use --older-than "${text}": it must be`);
});

test.each(["", "-1", "1.5", "x", "1e3", "0x1", " 1"])("%p is no whole number", (text) => {
  expect(() => wholeNumber(text, "--keep")).toThrow(`Cannot use --keep "${text}": it must be`);
});
