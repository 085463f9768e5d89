import { expect, test } from "bun:test";
import { ScreenLines } from "./screen-lines.ts";

const contents = (lines: string[]) => lines.map((line) => (JSON.parse(line) as { content: string }).content);

test.each([1, 2, 7, 1000])("screens in pieces of %d bytes become a line each", (pieceBytes) => {
  const screens = ['❯ "yes"\n\n  no', "", "second\\"];
  const stream = Buffer.from(screens.map((screen) => `${screen}\0`).join(""));
  const lines = new ScreenLines();
  const got: string[] = [];
  for (let at = 0; at < stream.length; at += pieceBytes) got.push(...lines.push(stream.subarray(at, at + pieceBytes)));
  expect(contents(got)).toEqual(screens);
  expect(got.every((line) => line.indexOf("\n") === line.length - 1)).toBe(true);
});

test("a line stays below gc's limit and keeps the bottom of the screen", () => {
  const screen = [...Array.from({ length: 3000 }, () => "日本".repeat(20)), "❯ the dialog"].join("\n");
  const [line = ""] = new ScreenLines().push(Buffer.from(`${screen}\0`));
  expect(Buffer.byteLength(line)).toBeLessThan(64 * 1024);
  expect(contents([line])[0]).toEndWith("❯ the dialog");
});

test.each(["x", "\u0001", "日"])("one endless row of %j is cut", (character) => {
  const [line = ""] = new ScreenLines().push(Buffer.from(`${character.repeat(200_000)}\0`));
  expect(Buffer.byteLength(line)).toBeLessThan(64 * 1024);
});

test("a screen that never ends does not fill the memory, and the next one is told", () => {
  const lines = new ScreenLines();
  for (let i = 0; i < 6; i++) expect(lines.push(Buffer.alloc(1024 * 1024, "x"))).toEqual([]);
  expect(contents(lines.push(Buffer.from("\0next\0"))).at(-1)).toBe("next");
});

test("no control character is in a line, and none is lost", () => {
  const screen = "\x1b[2J\x7f\x9b2J é";
  const [line = ""] = new ScreenLines().push(Buffer.from(`${screen}\0`));
  expect(line).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  expect(JSON.parse(line)).toEqual({ content: screen });
});
