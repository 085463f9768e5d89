import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReceivedFiles } from "./received-files.ts";

let folder = "";
let into = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gc-k8s-received-"));
  into = join(folder, "into");
});
afterEach(() => rmSync(folder, { recursive: true }));

const header = (size: number | "-", path: string) => `${size} ${Buffer.from(path).toString("base64")}\n`;
const file = (path: string, content: string) => {
  const size = Buffer.byteLength(content);
  return Buffer.from(`${header(size, path)}${content}${size}\n`);
};

function receive(stream: Buffer, pieceBytes = stream.length): void {
  const files = new ReceivedFiles(into);
  try {
    for (let at = 0; at < stream.length; at += pieceBytes) files.push(stream.subarray(at, at + pieceBytes));
    files.finish();
  } finally {
    files.cleanUp();
  }
}

test.each([1, 3, 1000])("files arrive whole in pieces of %d bytes", (pieceBytes) => {
  const stream = Buffer.concat([file("./a.jsonl", "one\n"), file("./deep/ü b", ""), file("./deep/c", "1 YQ==\n\0x")]);
  receive(stream, pieceBytes);
  expect(readFileSync(join(into, "a.jsonl"), "utf8")).toBe("one\n");
  expect(readFileSync(join(into, "deep/ü b"), "utf8")).toBe("");
  expect(readFileSync(join(into, "deep/c"), "utf8")).toBe("1 YQ==\n\0x");
  expect(readdirSync(into).sort()).toEqual(["a.jsonl", "deep"]);
});

test("an older file of the same name is replaced, others stay", () => {
  receive(file("./a", "old"));
  writeFileSync(join(into, "other"), "mine");
  receive(file("./a", "new"));
  expect(readFileSync(join(into, "a"), "utf8")).toBe("new");
  expect(readFileSync(join(into, "other"), "utf8")).toBe("mine");
});

test("of a stream that ends within a file, all files before it are in place, and nothing of it", () => {
  const first = file("./deep/a", "first");
  const whole = Buffer.concat([first, file("./b", "second")]);
  for (let length = first.length + 1; length < whole.length; length++) {
    expect(() => receive(whole.subarray(0, length), 7)).toThrow("ended early");
    expect(readdirSync(into)).toEqual(["deep"]);
    expect(readFileSync(join(into, "deep/a"), "utf8")).toBe("first");
  }
});

test("a file that became shorter while it was read has the bytes that were there, and the next one comes whole", () => {
  receive(Buffer.concat([Buffer.from(`${header(8, "./a")}abc${"\0".repeat(5)}3\n`), file("./b", "b")]), 2);
  expect(readFileSync(join(into, "a"), "utf8")).toBe("abc");
  expect(readFileSync(join(into, "b"), "utf8")).toBe("b");
});

test("a file that the box cannot read is told, and holds up no other", () => {
  const stream = Buffer.concat([Buffer.from(header("-", "./a")), file("./b", "b")]);
  expect(() => receive(stream)).toThrow('lacks 1 that the box cannot read: "a"');
  expect(readdirSync(into)).toEqual(["b"]);
});

describe("a hostile box", () => {
  test.each(["../out", "a/../../out", "/etc/out", "..", ".", "", "a//b", "./../out", "a\0b"])("path %j", (path) => {
    expect(() => receive(file(path, "x"))).toThrow("cannot be kept");
    expect(existsSync(join(folder, "out"))).toBe(false);
    expect(readdirSync(into)).toEqual([]);
  });

  test.each([
    "1 YQ==\nx2\n",
    "1 YQ==\nx-1\n",
    "0 YQ==\n\n",
    "x YQ==\n",
    "-1 YQ==\n",
    "1YQ==\n",
    "9".repeat(16).concat(" YQ==\n"),
    "A".repeat(10_000),
  ])("header %#", (text) => {
    expect(() => receive(Buffer.from(text))).toThrow();
    expect(readdirSync(into)).toEqual([]);
  });
});
