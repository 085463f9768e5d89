import { expect, test } from "bun:test";
import { duration, progressLine } from "./progress.ts";

test.each([
  [0, "0.0 s"],
  [440, "0.4 s"],
  [9949, "9.9 s"],
  [9960, "10 s"],
  [119_000, "119 s"],
  [120_000, "2 min 00 s"],
  [365_400, "6 min 05 s"],
])("duration() writes %p ms as %p", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test("progressLine() shows title, time and detail", () => {
  expect(progressLine("Compiling", 12_000, "3 of 9", 80)).toBe("Compiling … 12 s, 3 of 9");
  expect(progressLine("Compiling", 12_000, "", 80)).toBe("Compiling … 12 s");
});

test("progressLine() fits the terminal and passes no control sequence on", () => {
  expect(progressLine("Compiling", 1000, "\x1b[31m0123456789", 20)).toBe("Compiling … 1.0 s,…");
});
