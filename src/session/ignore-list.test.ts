import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ignoreList } from "./ignore-list.ts";
import { bytesOf, readTree } from "./tree.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "gc-k8s-ignore-"));
  for (const path of ["node_modules/a", "src/node_modules/b", "build/x", "src/keep.log", "src/drop.log", "ü/x"]) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), "x");
  }
});
afterEach(() => rmSync(root, { recursive: true }));

async function files(setting: string): Promise<string[]> {
  const isIgnored = await ignoreList(root, setting);
  const entries = readTree(root, { target: "", excludeTop: new Set(), isIgnored });
  return entries
    .filter(({ type }) => type === "file")
    .map(({ path }) => Buffer.from(path, "latin1").toString("utf8"))
    .sort();
}

test("without patterns there is no list, and everything is staged", async () => {
  expect(await ignoreList(root, "")).toBeUndefined();
  expect(await files("")).toHaveLength(6);
});

test("a pattern of the setting holds at any depth, one with a slash at the top alone", async () => {
  expect(await files("node_modules, /build/")).toEqual(["src/drop.log", "src/keep.log", "ü/x"]);
});

test("a pattern of another case is another pattern, as to git", async () => {
  expect(await files("Node_Modules, /BUILD/, Src")).toHaveLength(6);
});

test("the directory's own file adds patterns, comments and exceptions", async () => {
  writeFileSync(join(root, ".gcignore"), "# logs\n*.log\n!keep.log\n");
  expect(await files("node_modules")).toEqual([".gcignore", "build/x", "src/keep.log", "ü/x"]);
});

test("names are matched as text, not as bytes", async () => {
  expect(await files("ü")).not.toContain("ü/x");
  expect((await ignoreList(root, "ü"))?.(bytesOf("ü"), true)).toBe(true);
});
