import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt, hashSources } from "./build-cache.ts";

const original = process.env["XDG_CACHE_HOME"];
let directory = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "build-cache-"));
  process.env["XDG_CACHE_HOME"] = directory;
});

afterEach(() => {
  if (original === undefined) delete process.env["XDG_CACHE_HOME"];
  else process.env["XDG_CACHE_HOME"] = original;
  rmSync(directory, { recursive: true });
});

test("hashSources() depends on texts, file names and contents, and on where one ends", () => {
  writeFileSync(join(directory, "a"), "1");
  const first = hashSources(["x", "y"], [directory]);
  expect(hashSources(["x", "y"], [directory])).toBe(first);
  expect(hashSources(["xy", ""], [directory])).not.toBe(first);
  writeFileSync(join(directory, "a"), "2");
  expect(hashSources(["x", "y"], [directory])).not.toBe(first);
});

test.skipIf(process.platform !== "linux")(
  "ensureBuilt() builds once for a hash and removes older results",
  async () => {
    let builds = 0;
    const build = async (into: string) => {
      builds += 1;
      writeFileSync(join(into, "result"), "");
    };
    const first = await ensureBuilt({ kind: "k", hash: "1", build });
    expect(await ensureBuilt({ kind: "k", hash: "1", build })).toBe(first);
    expect(builds).toBe(1);
    expect(existsSync(join(first, "result"))).toBe(true);
    const second = await ensureBuilt({ kind: "k", hash: "2", build });
    expect([existsSync(first), existsSync(second)]).toEqual([false, true]);
  },
);

test.skipIf(process.platform !== "linux")("ensureBuilt() keeps nothing of a build that failed", async () => {
  const fail = () => Promise.reject(new Error("no"));
  await expect(ensureBuilt({ kind: "k", hash: "1", build: fail })).rejects.toThrow("no");
  const result = await ensureBuilt({ kind: "k", hash: "1", build: async () => undefined });
  expect(readdirSync(join(result, ".."))).toEqual(["1"]);
});
