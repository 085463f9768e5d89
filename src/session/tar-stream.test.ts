import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tarEntryBytes, tarHeader } from "./tar-header.ts";
import { type Staged, tarBytes, tarStream } from "./tar-stream.ts";
import { readTree } from "./tree.ts";

let folder = "";
let source = "";
let out = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gc-k8s-tar-"));
  [source, out] = [join(folder, "source"), join(folder, "out")];
  mkdirSync(source);
  mkdirSync(out);
});
afterEach(() => {
  Bun.spawnSync(["chmod", "-R", "u+rwX", folder]);
  rmSync(folder, { recursive: true });
});

function collect(entries: Staged[]): Buffer {
  const pieces: Uint8Array[] = [];
  for (const piece of tarStream(entries)) pieces.push(Uint8Array.from(piece));
  return Buffer.concat(pieces);
}

/** Unpacks by GNU tar, as the box does; anything that tar has to say fails the test. */
function unpack(entries: Staged[]): void {
  const stream = collect(entries);
  expect(stream).toHaveLength(tarBytes(entries));
  expect(stream.length % 512).toBe(0);
  const run = Bun.spawnSync(["tar", "-x", "-p", "-o", "-f", "-", "-C", out], { stdin: stream });
  expect([run.exitCode, run.stderr.toString()]).toEqual([0, ""]);
}

function stage(): void {
  unpack(readTree(source, { target: "", excludeTop: new Set() }));
}

/** Everything that a tree is: names as bytes, kinds, modes, times, contents, targets. */
function describeTree(root: string): string[] {
  const format = "%P\\0%y\\0%m\\0%T@\\0%s\\0%l\\0";
  const run = Bun.spawnSync(["find", root, "-mindepth", "1", "-printf", format]);
  const words = run.stdout.toString("latin1").split("\0");
  const lines: string[] = [];
  for (let at = 0; at + 5 < words.length; at += 6) {
    const [path = "", kind = "", mode, time = "", size, target] = words.slice(at, at + 6);
    const shownTime = kind === "f" ? time.slice(0, time.indexOf(".")) : "";
    lines.push(JSON.stringify([path, kind, mode, shownTime, kind === "f" ? size : "", target]));
  }
  return lines.sort();
}

const bytes = (...values: number[]) => Buffer.from(values);
const path = (name: string | Buffer) => Buffer.concat([Buffer.from(`${source}/`), Buffer.from(name)]);

describe("a tree goes through GNU tar unchanged", () => {
  const names: (string | Buffer)[] = [
    "plain",
    "with blank",
    "new\nline",
    "-rf",
    "--checkpoint-action=exec=sh",
    "é日本😀",
    bytes(0xff, 0xfe, 0x80),
    "quote'\"`$(x)\\",
    " ",
    "*",
    "tab\tx",
    "trailing.",
    "...",
    "x".repeat(99),
    "x".repeat(100),
    "x".repeat(101),
    "x".repeat(255),
    "日".repeat(85),
  ];

  test("files of every odd name", () => {
    for (const name of names) writeFileSync(path(name), `content of ${String(name).slice(0, 10)}`);
    stage();
    expect(describeTree(out)).toEqual(describeTree(source));
    expect(describeTree(out)).toHaveLength(names.length);
    for (const name of names)
      expect(readFileSync(Buffer.concat([Buffer.from(`${out}/`), Buffer.from(name)]))).toEqual(
        readFileSync(path(name)),
      );
  });

  test("directories of every odd name, empty ones too", () => {
    for (const name of names) mkdirSync(path(name));
    stage();
    expect(describeTree(out)).toEqual(describeTree(source));
  });

  test("paths of 98 to 102, 300 and 2,000 bytes", () => {
    for (const length of [98, 99, 100, 101, 102, 300, 2_000]) {
      const parts = "d".repeat(length - 3).match(/.{1,40}/g) ?? [];
      const directory = join(source, ...parts);
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, "f"), String(length));
    }
    stage();
    expect(describeTree(out)).toEqual(describeTree(source));
  });

  test("links as links, whatever they point to, never followed", () => {
    writeFileSync(join(folder, "outside"), "secret");
    mkdirSync(join(source, "directory"));
    writeFileSync(join(source, "directory", "inside"), "x");
    const targets = ["directory", "directory/inside", "../outside", join(folder, "outside"), "missing", ".", "/", "-n"];
    const long = ["t".repeat(99), "t".repeat(100), "t".repeat(101), "t/".repeat(400), "é\n日"];
    for (const [number, target] of [...targets, ...long].entries()) symlinkSync(target, join(source, `link${number}`));
    symlinkSync(bytes(0xff, 0x2f, 0x80), path("link-bytes"));
    symlinkSync("self", join(source, "self"));
    symlinkSync("t".repeat(300), join(source, "l".repeat(200)));
    stage();
    expect(describeTree(out)).toEqual(describeTree(source));
    expect(collect(readTree(source, { target: "", excludeTop: new Set() })).includes("secret")).toBe(false);
  });

  test("permissions and times", () => {
    for (const mode of [0o600, 0o644, 0o755, 0o400, 0o4755, 0o1777, 0o640]) {
      writeFileSync(join(source, `file${mode}`), "");
      chmodSync(join(source, `file${mode}`), mode);
      utimesSync(join(source, `file${mode}`), 1, mode * 500_000);
    }
    mkdirSync(join(source, "directory"));
    chmodSync(join(source, "directory"), 0o2750);
    stage();
    expect(describeTree(out)).toEqual(describeTree(source));
  });

  test("a directory that its owner may not write can be filled all the same", () => {
    mkdirSync(join(source, "closed"));
    writeFileSync(join(source, "closed", "f"), "x");
    chmodSync(join(source, "closed"), 0o555);
    stage();
    expect(lstatSync(join(out, "closed")).mode & 0o777).toBe(0o755);
    expect(readFileSync(join(out, "closed", "f"), "utf8")).toBe("x");
  });

  test("contents around the sizes of blocks and pieces", () => {
    for (const size of [0, 1, 511, 512, 513, 1024, 262_143, 262_144, 262_145, 700_001])
      writeFileSync(join(source, `f${size}`), Buffer.alloc(size, `${size} `));
    stage();
    const run = Bun.spawnSync(["diff", "-r", source, out]);
    expect([run.exitCode, run.stdout.toString()]).toEqual([0, ""]);
  });
});

test("contents from memory and from files stand side by side", () => {
  writeFileSync(join(source, "f"), "from file");
  const content = new TextEncoder().encode("from memory");
  const common = { mode: 0o600, mtime: 0 };
  unpack([
    { ...common, path: "run/gc/id", type: "file", size: content.length, content },
    ...readTree(source, { target: "workspace", excludeTop: new Set() }),
  ]);
  expect(readFileSync(join(out, "run/gc/id"), "utf8")).toBe("from memory");
  expect(lstatSync(join(out, "run/gc/id")).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(out, "workspace/f"), "utf8")).toBe("from file");
});

test("no entries are an empty archive", () => {
  unpack([]);
  expect(describeTree(out)).toEqual([]);
});

test("a file that shrinks while it is read fails by its name; one that grows is cut at its size", () => {
  const file = join(source, "shrinks é");
  writeFileSync(file, "x".repeat(1_000_000));
  writeFileSync(join(source, "grows"), "1234");
  const entries = readTree(source, { target: "", excludeTop: new Set() });
  truncateSync(file, 600_000);
  expect(() => collect(entries)).toThrow(`Cannot stage "${file}": the file was cut short while it was read`);
  writeFileSync(file, "y".repeat(1_000_000));
  writeFileSync(join(source, "grows"), "123456789");
  unpack(entries);
  expect(readFileSync(join(out, "grows"), "utf8")).toBe("1234");
});

test("a file that is gone fails by its name", () => {
  writeFileSync(join(source, "gone"), "x");
  const entries = readTree(source, { target: "", excludeTop: new Set() });
  rmSync(join(source, "gone"));
  expect(() => collect(entries)).toThrow(join(source, "gone"));
});

test("200 MB stream through little memory, and their length is known before", () => {
  writeFileSync(join(source, "sparse"), "");
  truncateSync(join(source, "sparse"), 200 * 2 ** 20);
  const entries = readTree(source, { target: "", excludeTop: new Set() });
  Bun.gc(true);
  const before = process.memoryUsage.rss();
  let most = 0;
  let length = 0;
  for (const piece of tarStream(entries)) {
    length += piece.length;
    most = Math.max(most, process.memoryUsage.rss() - before);
  }
  expect(length).toBe(tarBytes(entries));
  expect(most / 2 ** 20).toBeLessThan(16);
});

test("a file of 10 GB has its size in the header", () => {
  const entry = { path: "big", type: "file", mode: 0o644, mtime: 0, size: 10 * 2 ** 30 } as const;
  const run = Bun.spawnSync(["tar", "-tv", "-f", "-"], { stdin: tarHeader(entry) });
  expect(run.stdout.toString()).toContain(` ${10 * 2 ** 30} `);
  expect(tarEntryBytes(entry)).toBe(512 + 10 * 2 ** 30);
});

test("a link is not read through when it is staged", () => {
  symlinkSync("/etc/passwd", join(source, "l"));
  stage();
  expect(readlinkSync(join(out, "l"))).toBe("/etc/passwd");
});

test("a file that has vanished since the tree was listed is named in one line", () => {
  const gone = { path: "f", type: "file" as const, mode: 0o644, mtime: 0, size: 3, source: "/nonexistent/f" };
  expect(() => [...tarStream([gone])]).toThrow(
    'Cannot stage "/nonexistent/f": it vanished while it was read; start again',
  );
});
