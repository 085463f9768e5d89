import { expect, test } from "bun:test";
import { ageSeconds, ageText } from "./age.ts";

test.each([
  [0, "0s"],
  [59, "59s"],
  [61, "1m1s"],
  [3_600, "1h"],
  [36_060, "10h"],
  [90_000, "1d1h"],
  [4_000_000, "46d"],
])("%d s are %s", (seconds, text) => {
  expect(ageText(seconds)).toBe(text);
});

test.each([
  ["90m", 5_400],
  ["24h", 86_400],
  ["7d", 604_800],
  ["30s", 30],
  ["7", undefined],
  ["-1d", undefined],
  ["1w", undefined],
])("%s is %p s", (text, seconds) => {
  expect(ageSeconds(text)).toBe(seconds);
});
