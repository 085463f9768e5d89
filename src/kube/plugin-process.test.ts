import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runPlugin } from "./plugin-process.ts";
import type { PluginSpec } from "./plugin-spec.ts";

const never = new AbortController().signal;
const env = { PATH: process.env["PATH"], SOME_PASSWORD: "from-env" };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plugin-process-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function shell(script: string): PluginSpec {
  const apiVersion = "client.authentication.k8s.io/v1";
  const args = ["-c", script];
  return {
    where: "W",
    command: "sh",
    args,
    env: { PIN: "hush-pin" },
    apiVersion,
    installHint: "install it",
    cluster: undefined,
    server: "",
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

test("a plugin has no stdin", async () => {
  expect(await runPlugin(shell("cat; echo done"), env, never)).toBe("done\n");
});

test("a plugin that hangs is ended with its children when the limit is over", async () => {
  const script = `sleep 60 & echo $! >${folder}/child; echo $$ >${folder}/plugin; wait`;
  await expect(runPlugin(shell(script), env, never, 300)).rejects.toThrow(
    "W gave no credential within 0.3 s: run it by hand to see why",
  );
  for (const name of ["plugin", "child"]) {
    const pid = Number(readFileSync(join(folder, name), "utf8"));
    expect(await becomesFalse(() => isAlive(pid))).toBe(true);
  }
});

test("a plugin is ended when the caller's signal aborts", async () => {
  const signal = AbortSignal.timeout(100);
  const thrown = await runPlugin(shell("sleep 60"), env, signal).catch((error: unknown) => error);
  expect(signal.aborted).toBe(true);
  expect(thrown).toBe(signal.reason);
});

test("an aborted call starts no plugin", async () => {
  const reason = new Error("over");
  const started = join(folder, "started");
  await expect(runPlugin(shell(`touch ${started}`), env, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(existsSync(started)).toBe(false);
});

test("a plugin that floods is ended", async () => {
  await expect(runPlugin(shell("yes"), env, never)).rejects.toThrow("W printed more than 1 MiB");
});

test("what a plugin leaves behind on stderr does not hold the call up", async () => {
  const started = performance.now();
  expect(await runPlugin(shell("sleep 2 >/dev/null & echo done"), env, never)).toBe("done\n");
  expect(performance.now() - started).toBeLessThan(1500);
});

test("the last line of stderr says why it failed, without secrets", async () => {
  const script = 'echo first >&2; printf "bad $PIN $SOME_PASSWORD Bearer abc eyJh.eyJi.c\\033[1m\\n\\n" >&2; exit 7';
  await expect(runPlugin(shell(script), { ...env, PIN: "hush-pin" }, never)).rejects.toThrow(
    /^W failed with exit code 7: bad … … Bearer … … ?\[1m$/,
  );
});

test("a plugin that dies of a signal or cannot be run is told apart", async () => {
  await expect(runPlugin(shell("kill -9 $$"), env, never)).rejects.toThrow("W failed with SIGKILL");
  await expect(runPlugin({ ...shell(""), command: "absent" }, env, never)).rejects.toThrow(
    "W is not installed: install it",
  );
  await expect(runPlugin({ ...shell(""), command: "/etc/passwd" }, env, never)).rejects.toThrow(
    /cannot be run \(EACCES\)/,
  );
});

async function becomesFalse(condition: () => boolean): Promise<boolean> {
  const end = performance.now() + 2000;
  while (condition()) {
    if (performance.now() > end) return false;
    await Bun.sleep(10);
  }
  return true;
}
