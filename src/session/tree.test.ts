import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesOf, readTree } from "./tree.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "gc-k8s-tree-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const read = (options = {}) => readTree(root, { target: "", excludeTop: new Set<string>(), ...options });
const paths = (options = {}) => read(options).map(({ path }) => path);

test("a directory that does not exist has no entries", () => {
  expect(readTree(join(root, "missing"), { target: "w", excludeTop: new Set() })).toEqual([]);
  expect(read()).toEqual([]);
});

test("what may not be read is named: left out where somebody is told, else an error", () => {
  writeFileSync(join(root, "file"), "x");
  writeFileSync(join(root, "mine"), "x", { mode: 0 });
  mkdirSync(join(root, "private"), { mode: 0 });
  chmodSync(root, 0o755);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    const told: string[] = [];
    expect(paths({ onUnreadable: (problem: string) => told.push(problem) }).sort()).toEqual(["file", "private"]);
    const why = "EACCES; make it readable, or leave it out by GC_K8S_STAGING_IGNORE";
    expect(told.sort()).toEqual([`Cannot stage "${root}/mine": ${why}`, `Cannot stage "${root}/private": ${why}`]);
    expect(() => read()).toThrow(`Cannot stage "${root}/private": ${why}`);
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});

test("sockets, pipes and devices are left out", () => {
  writeFileSync(join(root, "file"), "x");
  Bun.spawnSync(["mkfifo", join(root, "pipe")]);
  const listener = Bun.listen({ unix: join(root, "socket"), socket: { data: () => undefined } });
  try {
    expect(Bun.spawnSync(["find", root, "-mindepth", "1"]).stdout.toString().trim().split("\n")).toHaveLength(3);
    expect(paths()).toEqual(["file"]);
  } finally {
    listener.stop(true);
  }
});

test("parents come before what they hold, and each entry stands below the target", () => {
  mkdirSync(join(root, "a/b/c"), { recursive: true });
  writeFileSync(join(root, "a/b/c/file"), "x");
  writeFileSync(join(root, "top"), "x");
  const all = paths({ target: "workspace/rigs" });
  expect([...all].sort()).toEqual(["a", "a/b", "a/b/c", "a/b/c/file", "top"].map((path) => `workspace/rigs/${path}`));
  for (const [index, path] of all.entries()) {
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (parent !== "workspace/rigs") expect(all.indexOf(parent)).toBeWithin(0, index);
  }
});

test("names are left out at the top alone", () => {
  mkdirSync(join(root, ".gc/deep"), { recursive: true });
  mkdirSync(join(root, "rig/.gc"), { recursive: true });
  expect(paths({ excludeTop: new Set([".gc"]) }).sort()).toEqual(["rig", "rig/.gc"]);
});

test("a link to a directory is one entry, also one that leads back", () => {
  mkdirSync(join(root, "directory"));
  writeFileSync(join(root, "directory/file"), "x");
  symlinkSync("..", join(root, "directory/up"));
  symlinkSync("directory", join(root, "link"));
  symlinkSync("/", join(root, "out"));
  const entries = read();
  expect(entries.map(({ path, type, linkTarget }) => [path, type, linkTarget]).sort()).toEqual([
    ["directory", "directory", undefined],
    ["directory/file", "file", undefined],
    ["directory/up", "symlink", ".."],
    ["link", "symlink", "directory"],
    ["out", "symlink", "/"],
  ]);
});

test("the directory itself may be reached by a link", () => {
  mkdirSync(join(root, "real"));
  writeFileSync(join(root, "real/file"), "x");
  symlinkSync("real", join(root, "link"));
  const entries = readTree(join(root, "link"), { target: "", excludeTop: new Set() });
  expect(entries.map(({ path }) => path)).toEqual(["file"]);
});

test("names are bytes: sizes, sources and paths of names that are not ASCII, or no UTF-8", () => {
  writeFileSync(join(root, "é"), "12345");
  writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.of(0xff)]), "1");
  expect(
    read()
      .map(({ path, size }) => [path, size])
      .sort(),
  ).toEqual([
    ["\u00c3\u00a9", 5],
    ["\u00ff", 1],
  ]);
  expect(bytesOf("é")).toBe("\u00c3\u00a9");
});

test("a tree 300 deep", () => {
  const deep = join(root, ...Array.from({ length: 300 }, () => "d"));
  mkdirSync(deep, { recursive: true });
  expect(paths()).toHaveLength(300);
});

test("a tree of 2,000 files", () => {
  for (let number = 0; number < 2_000; number++) writeFileSync(join(root, `f${number}`), "");
  expect(new Set(paths()).size).toBe(2_000);
});

test("what cannot be read is an error, not an empty directory", () => {
  writeFileSync(join(root, "file"), "x");
  expect(() => readTree(join(root, "file"), { target: "", excludeTop: new Set() })).toThrow("ENOTDIR");
});
