import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { providerSlot } from "./provider-slot.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "gc-k8s-slot-"));
  for (const slot of ["claude", "codex", "gemini"])
    mkdirSync(join(root, "pack/per-provider", slot), { recursive: true });
  mkdirSync(join(root, "over/per-provider/kiro"), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

const slot = (config: { env?: Record<string, string>; command?: string; processNames?: string[] }) =>
  providerSlot({ env: {}, command: "", processNames: [], ...config }, [join(root, "pack"), join(root, "over")]);

test("the provider that gc names goes first, wherever its slot lies", () => {
  expect(slot({ env: { GC_PROVIDER: "codex" }, command: "claude" })).toBe("codex");
  expect(slot({ env: { GC_PROVIDER: "kiro" }, command: "claude" })).toBe("kiro");
});

test.each([
  "claude",
  "claude --settings x",
  "/usr/local/bin/claude --x",
  "exec claude",
  "A=1 B='2' exec claude",
  "'/opt/bin/claude' x",
])("the program of %j", (command) => {
  expect(slot({ command })).toBe("claude");
  expect(slot({ env: { GC_PROVIDER: "own-claude" }, command })).toBe("claude");
});

test("the processes' names where neither has a slot", () => {
  expect(slot({ command: "sh -c run", processNames: ["node", "gemini"] })).toBe("gemini");
});

test.each(["", ".", "..", "../per-provider/claude", "claude/x", "bash"])("no slot: %j", (name) => {
  expect(slot({ env: { GC_PROVIDER: name }, processNames: [name] })).toBe("");
});
