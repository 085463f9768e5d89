import { expect, test } from "bun:test";
import { coloured, shownLine, shownText } from "./terminal-text.ts";

test.each([
  ["plain\n\ttext ✓ 日本", "plain\n\ttext ✓ 日本"],
  ["a\x1b[31mred\x1b[0m", "ared"],
  ["a\x1b]0;title\x07b\x1b]52;c;QUJD\x1b\\c", "abc"],
  ["a\x9b2Jb\x9d0;t\x9cc", "abc"],
  ["a\x1b", "a"],
  ["a\x1b]0;never ended", "a"],
  ["\x1bP+q\x1b\\ok\x1b(B\x1bc", "ok"],
  ["a\rb\r\nc\x08\x7f", "ab\nc"],
  ["user\u202egpj.exe", "usergpj.exe"],
])("%j is shown as %j", (text, shown) => {
  expect(shownText(text)).toBe(shown);
});

test("a line is one line", () => {
  expect(shownLine(" a\n\tb\x1b[2J\n")).toBe("a b");
});

test("nothing is coloured that does not go to a terminal", () => {
  expect(coloured("x", "bad")).toBe("x");
});
