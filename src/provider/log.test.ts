import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appendLog, operationLog } from "./log.ts";

const ROTATE_AT = 10 * 1024 * 1024;

let folder = "";
let path = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gc-k8s-log-"));
  path = join(folder, "log");
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  rmSync(path, { force: true });
  rmSync(`${path}.1`, { force: true });
});

function entry(cause?: string) {
  return operationLog().entry("peek", { requests: 2, retries: 1 }, cause ? 1 : 0, cause);
}

test("a new file is for its owner alone, and each line is JSON", () => {
  expect(appendLog(path, entry())).toBeUndefined();
  expect(appendLog(path, entry("a\nb"))).toBeUndefined();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { operation: "peek", requests: 2, retries: 1, exit: 0 },
    { operation: "peek", exit: 1, cause: "a\nb" },
  ]);
});

test("a file one byte below 10 MB goes on; one of 10 MB becomes .1, and an older .1 gives way", () => {
  writeFileSync(path, "");
  truncateSync(path, ROTATE_AT - 1);
  appendLog(path, entry());
  expect(existsSync(`${path}.1`)).toBe(false);
  writeFileSync(`${path}.1`, "older");
  appendLog(path, entry());
  expect(statSync(`${path}.1`).size).toBeGreaterThan(ROTATE_AT);
  expect(readFileSync(path, "utf8").trimEnd().split("\n")).toHaveLength(1);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("what cannot be written is returned, not thrown", () => {
  for (const bad of [folder, join(folder, "no/such/folder"), "/dev/full", join(path, "below-a-file")]) {
    writeFileSync(path, "");
    expect(appendLog(bad, entry())).toStartWith(`Cannot write the operation log "${bad}": `);
  }
});

test("phases are timed in the order in which they began, and a repeated one adds up", async () => {
  const log = operationLog();
  log.session = "mayor";
  log.podUid = "u";
  log.phase("create");
  await Bun.sleep(20);
  log.phase("wait");
  await Bun.sleep(5);
  log.phase("create");
  await Bun.sleep(20);
  log.warn("w");
  const result = log.entry("start", undefined, 0, undefined);
  expect(Object.keys(result.phases)).toEqual(["create", "wait"]);
  expect(result.phases["create"]).toBeGreaterThan(35);
  expect(result.phases["create"]).toBeLessThan(result.ms);
  expect(result).toMatchObject({ session: "mayor", podUid: "u", requests: 0, retries: 0, warnings: ["w"] });
  expect(new Date(result.time).toISOString()).toBe(result.time);
});

test("without a warning there is no list of them", () => {
  expect(entry().warnings).toBeUndefined();
});
