import { expect, test } from "bun:test";
import { goTrim } from "./go-trim.ts";

test.each([
  [" x\t\n", "x"],
  ["\u0085x\u00a0", "x"],
  ["\u3000\u2028 x y \u1680", "x y"],
  ["\ufeffx\u200b", "\ufeffx\u200b"],
  ["\x1cx\x1f", "\x1cx\x1f"],
  [" \u0085 ", ""],
])("%p is %p to Go", (text, trimmed) => {
  expect(goTrim(text)).toBe(trimmed);
});
