import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newToken, startConfig } from "./agent.ts";
import { makeCity } from "./city.ts";
import { reminder } from "./deliver.ts";
import { answerDialogs } from "./dialogs.ts";
import { typeText } from "./drive.ts";
import { type Caller, type GcProcess, gcProcess } from "./gc-process.ts";
import { ProviderError } from "./reading.ts";
import { observe, reconcilerPass } from "./reconcile.ts";

const home = mkdtempSync(join(tmpdir(), "gc-stand-in-"));
afterAll(() => rmSync(home, { recursive: true }));
let count = 0;

/** A gc whose executable is a shell script: `$1` is the operation. */
function gcWith(script: string, caller: Caller = "supervisor"): GcProcess {
  const executable = join(home, `provider-${++count}`);
  writeFileSync(executable, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return gcProcess(caller, { executable, home, env: { GC_K8S_NAMESPACE: "n" } });
}

async function failure(promise: Promise<unknown>): Promise<ProviderError> {
  const error = await promise.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProviderError);
  return error as ProviderError;
}

test("a value is standard output without its trailing newlines, whatever stands on stderr", async () => {
  expect(await gcWith("printf ' a \\n b \\n\\n'; echo warning >&2").value("peek", "s")).toBe(" a \n b ");
});

test("exit 2 is a success without a value", async () => {
  expect(await gcWith("echo x; exit 2").call("stop", ["s"])).toEqual({ value: "", isImplemented: false });
});

test("any other exit is an error with the trimmed stderr; facts are found in its words", async () => {
  const exists = await failure(gcWith("echo ' session Already Exists ' >&2; exit 1").call("start", ["s"]));
  expect(exists.message).toEndWith("start s: session Already Exists");
  expect([exists.isExists, exists.isGone]).toEqual([true, false]);
  const gone = await failure(gcWith("echo 'kubectl: not found' >&2; exit 127").call("peek", ["s"]));
  expect([gone.isExists, gone.isGone]).toEqual([false, true]);
  expect((await failure(gcWith("exit 3").call("peek", ["s"]))).message).toEndWith("exit status 3");
});

test("at the limit the whole group gets SIGINT, and a cancellation beats exit 0", async () => {
  const gc = gcWith("trap 'exit 0' INT; sleep 5; sleep 5");
  const error = await failure(gc.call("peek", ["s"], { limitMs: 300 }));
  expect(error.message).toEndWith("context deadline exceeded");
  expect(error.answer.signals.map(({ name }) => name)).toEqual(["SIGINT"]);
  expect(error.answer.ms).toBeLessThan(1_900);
});

test("two seconds later the leader gets SIGKILL, and pipes that a grandchild holds are closed", async () => {
  const gc = gcWith("trap '' INT; sleep 20 & wait");
  const { answer } = await failure(gc.call("peek", ["s"], { limitMs: 200 }));
  process.kill(-(gc.pids[0] ?? 0), "SIGKILL");
  expect(answer).toMatchObject({ exit: undefined, signal: "SIGKILL" });
  expect(answer.signals.map(({ name, atMs }) => [name, Math.round(atMs / 1000)])).toEqual([
    ["SIGINT", 0],
    ["SIGKILL", 2],
  ]);
  expect(answer.ms).toBeLessThan(3_000);
});

test("exec is killed at once", async () => {
  const { done } = gcWith("exec sleep 5").begin("exec", ["s"], { limitMs: 200 });
  expect((await done).signals.map(({ name }) => name)).toEqual(["SIGKILL"]);
});

test("session calls lead a process group of their own; exec and watch-startup do not", async () => {
  const gc = gcWith("ps -o pgid= -p $$");
  const leads = async (op: string) => {
    const { pid, done } = gc.begin(op, ["s"]);
    return Number((await done).stdout.toString()) === pid;
  };
  expect([await leads("peek"), await leads("start"), await leads("exec"), await leads("watch-startup")]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test("a payload comes through a pipe, everything else reads /dev/null", async () => {
  const gc = gcWith("readlink /proc/self/fd/0; cat");
  expect(await gc.value("get-meta", "s", "k")).toBe("/dev/null");
  const { value } = await gc.call("set-meta", ["s", "k"], { stdin: "v" });
  expect(value).toMatch(/^(pipe|socket):.*\nv$/);
});

test("the environment is gc's own: no city, and a mark of who calls", async () => {
  const names = async (caller: Caller) => (await gcWith("env | cut -d= -f1", caller).value("peek", "s")).split("\n");
  expect(await names("supervisor")).toEqual(expect.arrayContaining(["BEADS_ACTOR", "HOME", "GC_K8S_NAMESPACE"]));
  expect(await names("command")).not.toContain("BEADS_ACTOR");
  expect(await names("side-car")).toContain("GC_DISABLE_USAGE_METRICS");
  expect(await names("supervisor")).not.toContain("GC_CITY");
});

test("the handshake is asked for once per process", async () => {
  const gc = gcWith(`echo '{"version":0,"capabilities":["a"]}'`);
  expect([await gc.declares("a"), await gc.declares("b")]).toEqual([true, false]);
  expect(gc.calls).toEqual(["protocol"]);
});

test("text goes to exec as one quoted tmux command; when that is refused, to nudge", async () => {
  const refusing = gcWith(`cat >>${home}/refused; [ $1 = exec ] && exit 2; exit 0`);
  await typeText(refusing, "s", "it's");
  expect(refusing.calls).toEqual(["exec s", "nudge s"]);
  expect(readFileSync(`${home}/refused`, "utf8")).toBe(`'tmux' 'send-keys' '-t' 'main' '-l' 'it'\\''s'it's`);
  const obliging = gcWith("cat >/dev/null; exit 1");
  await typeText(obliging, "s", "x");
  expect(obliging.calls).toEqual(["exec s", "exec s"]);
  expect(reminder("x")).toEndWith("</system-reminder>\n");
});

test("dialogs are answered from the watch's screens, then from peek; a watch that cannot is no failure", async () => {
  const watching = gcWith(`case $1 in
watch-startup) echo '{"content":""}'; echo '{"content":"Bypass Permissions mode"}'
sleep 0.1; echo '{"content":"after"}'; exec sleep 5 ;;
exec) cat >>${home}/keys; echo screen ;;
esac`);
  const screens = await answerDialogs(watching, "s", 900);
  expect(screens.slice(0, 4)).toEqual(["", "Bypass Permissions mode", "after", "screen"]);
  expect(readFileSync(`${home}/keys`, "utf8")).toStartWith(
    "'tmux' 'send-keys' '-t' 'main' 'Down''tmux' 'send-keys' '-t' 'main' 'Enter''tmux' 'capture-pane'",
  );
  expect(watching.answers.find(({ call }) => call.op === "watch-startup")?.signal).toBe("SIGKILL");
  expect(await answerDialogs(gcWith("[ $1 = watch-startup ] && exit 2; echo screen"), "s", 300)).toEqual(["screen"]);
});

test("a watch that fails before its first line, or prints none, fails the start", async () => {
  const failed = await answerDialogs(gcWith("echo broken >&2; exit 1"), "s", 300).catch((error: Error) => error);
  expect(failed).toMatchObject({ message: "startup watcher: broken" });
  const garbled = await answerDialogs(gcWith("echo not json"), "s", 300).catch((error: Error) => error);
  expect(garbled).toMatchObject({ message: "startup watcher decode: not json" });
});

test("a pass over a session is 20 processes; over one that does not run, the first look ends it", async () => {
  expect(reconcilerPass("s", ["sh"])).toHaveLength(20);
  const running = gcWith("case $1 in protocol) exit 2 ;; is-running | process-alive) echo true ;; esac");
  expect(await observe(running, "s", ["sh"])).toMatchObject({ isRunning: true, isAlive: true });
  expect(running.calls.slice(1)).toEqual(reconcilerPass("s", []).map(({ op, args }) => [op, ...args].join(" ")));
  const absent = gcWith("[ $1 = protocol ] && exit 2; echo false");
  expect(await observe(absent, "s", ["sh"])).toMatchObject({ isRunning: false, isAlive: false });
  expect(absent.calls).toEqual(["protocol", "list-running ", "is-running s"]);
});

test("the start configuration is compact, sorted and escaped as gc's", () => {
  const city = makeCity();
  const identity = { session: "clerk", alias: "clerk", sessionId: "tc-1", instanceToken: newToken() };
  const agent = { ...identity, runtimeEpoch: 2, rig: "", command: "a < b && c", processNames: ["bash"] };
  const text = startConfig(agent, city, { GC_K8S_IMAGE: "i", KUBECONFIG: "k" });
  city.remove();
  expect(text).toContain('"command":"a \\u003c b \\u0026\\u0026 c"');
  const { env, nudge } = JSON.parse(text) as { env: Record<string, string>; nudge: string };
  expect(env).toMatchObject({ GC_SESSION_ID: "tc-1", GC_K8S_IMAGE: "i", BEADS_DIR: "", GC_DOLT_HOST: "" });
  expect(env).not.toContainKey("KUBECONFIG");
  expect(Object.keys(env)).toEqual(Object.keys(env).sort());
  expect(nudge).toMatch(/^\[tracecity\] clerk • .*\n\nRun `gc prime` to initialize your context\.$/);
});
