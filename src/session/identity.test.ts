import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identityCommands } from "./identity.ts";

test("holds gc's identity keys that have a value, and nothing else of the environment", () => {
  const env = { GC_SESSION_ID: "tc1", GC_ALIAS: "", GC_RUNTIME_EPOCH: "2", TOKEN: "secret" };
  expect(identityCommands(env)).toBe(
    'set-environment -t =main GC_SESSION_ID "tc1"\nset-environment -t =main GC_RUNTIME_EPOCH "2"\n',
  );
});

test.skipIf(!Bun.which("tmux"))("a real tmux reads every value byte for byte", () => {
  const value = `-a;b'c"d\\ $HOME ~ #{x} {y} é😀\n  \t# z\r\x1b;`;
  const scratch = mkdtempSync(join(tmpdir(), "identity-"));
  const tmux = (...args: string[]) => Bun.spawnSync(["tmux", "-u", "-S", join(scratch, "socket"), ...args]);
  try {
    const file = join(scratch, "identity.tmux");
    writeFileSync(file, identityCommands({ GC_SESSION_ID: value, GC_ALIAS: "%if x" }));
    tmux("-f", "/dev/null", "new-session", "-d", "-s", "main", "sleep 60", ";", "source-file", file);
    const read = (key: string) => tmux("show-environment", "-t", "=main", key).stdout.toString();
    expect(read("GC_SESSION_ID")).toBe(`GC_SESSION_ID=${value}\n`);
    expect(read("GC_ALIAS")).toBe("GC_ALIAS=%if x\n");
  } finally {
    tmux("kill-server");
    rmSync(scratch, { recursive: true });
  }
});
