import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processesIn } from "../../local-kubernetes/cgroups.ts";
import { until } from "../conformance/until.ts";
import { localCluster } from "../security/places.ts";
import { DRIVING_CALLS, LOOKING_CALLS, type SessionCall } from "../security/session-calls.ts";
import { inParallel, runsOf } from "./chance.ts";
import { executableUnderTest, faultGround, type Ground } from "./fault-ground.ts";
import { HOSTILE_BOXES, type HostileBox } from "./hostile-boxes.ts";

const MOST_MEMORY = 768 * 1024 * 1024;
const DEADLINE_MS = 30_000;
/** These print bytes of the session as they are: that is what they are for. */
const RAW = ["exec", "get-meta", "copy-from"];
/** `npm test` takes one of each kind, and one operation of each kind. */
const SHORT_BOXES = ["a tmux that lies", "paths that lead out", "a first process that is stopped"];
const SHORT_CALLS = ["is-running", "peek", "nudge", "copy-from"];
const isFull = runsOf(1, 0) > 0;
const BOXES = Object.entries(HOSTILE_BOXES).filter(([name]) => isFull || SHORT_BOXES.includes(name));

const scratch = mkdtempSync(join(tmpdir(), "hostile-box-"));
const inside = join(scratch, "one/two/transcripts");
const CALLS = [...LOOKING_CALLS, ...DRIVING_CALLS].filter(({ op }) => isFull || SHORT_CALLS.includes(op));
const STOP: SessionCall = {
  op: "stop",
  args: (session) => [session],
  env: { GC_TRANSCRIPTS_SRC: "/workspace", GC_TRANSCRIPTS_DEST: inside },
};

let ground: Ground;
beforeAll(async () => {
  ground = await faultGround(executableUnderTest());
  mkdirSync(inside, { recursive: true });
}, 60_000);
afterAll(async () => {
  rmSync(scratch, { recursive: true });
  await ground.remove();
}, 60_000);

test.each(BOXES)(
  "%s: every operation ends in time, in bounds, and writes nothing elsewhere",
  async (_, box) => {
    const session = `hostile-${crypto.randomUUID().slice(0, 6)}`;
    const uid = await begin(session, box);
    const outcomes = await inParallel(CALLS, 5, (call) => run(call, session));
    // Only a box that is removed holds nobody up: that has to work whatever its agent does.
    outcomes.push(await run(STOP, session));
    expect(outcomes.filter(({ offences }) => offences.length > 0)).toEqual([]);
    expect(await ground.podOf(session)).toBe("");
    expect(
      readdirSync(scratch, { recursive: true }).filter(
        (name) =>
          !`${inside}/`.startsWith(`${join(scratch, String(name))}/`) &&
          !join(scratch, String(name)).startsWith(inside),
      ),
    ).toEqual([]);
    await until(() => processesOf(uid).length === 0, 20_000);
  },
  600_000,
);

async function begin(
  session: string,
  { agent, user = "0", mostProcesses, stopsInit = false }: HostileBox,
): Promise<string> {
  // The agent turns hostile when its session is there.
  const command = `until [ -e /workspace/go ]; do sleep 0.1; done; echo x >/workspace/log; ${agent}`;
  const env = { GC_K8S_RUN_AS_USER: user, GC_K8S_CPU_LIMIT: "200m", GC_K8S_MEM_LIMIT: "256Mi" };
  const started = await ground.call({ op: "start", args: [session], stdin: JSON.stringify({ command }), env });
  expect([started.exit, started.stderr.toString()]).toEqual([0, ""]);
  const uid = await ground.kubectl("get", "pod", await ground.podOf(session), "-o", "jsonpath={.metadata.uid}");
  const [first] = processesOf(uid).filter(({ numbers }) => numbers.at(-1) === 1 && isBox(numbers[0] ?? 0));
  if (!first) throw new Error(`no process of pod ${uid} is its first one`);
  if (mostProcesses) writeFileSync(join(pidsCgroup(first.pid), "pids.max"), String(mostProcesses));
  await ground.inBox(session, ": >/workspace/go");
  await Bun.sleep(1_500);
  if (stopsInit) process.kill(first.pid, "SIGSTOP");
  return uid.trim();
}

function processesOf(uid: string) {
  const id = uid.trim();
  return processesIn(localCluster().cgroup).filter(({ pid }) => cgroups(pid).includes(id));
}

function isBox(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, "latin1").startsWith("/bin/sh");
}

function cgroups(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}

function pidsCgroup(pid: number): string {
  const path = /:pids:(.*)$/m.exec(cgroups(pid))?.[1] ?? /^0::(.*)$/m.exec(cgroups(pid))?.[1] ?? "";
  return join("/sys/fs/cgroup", /:pids:/.test(cgroups(pid)) ? "pids" : "", path);
}

async function run({ op, args, stdin, env }: SessionCall, session: string) {
  const began = performance.now();
  const child = Bun.spawn([executableUnderTest(), op, ...args(session)], {
    env: { ...ground.env, ...env },
    stdin: stdin === undefined ? "ignore" : new Blob([stdin]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), DEADLINE_MS + 1_000);
  const [stdout, stderr] = await Promise.all([sizeAndStart(child.stdout), child.stderr.text(), child.exited]);
  clearTimeout(limit);
  const memory = child.resourceUsage()?.maxRSS ?? 0;
  const offences: string[] = [];
  if (child.signalCode) offences.push("it did not end in time");
  if (![0, 1].includes(child.exitCode ?? -1)) offences.push(`exit ${child.exitCode}`);
  if (memory > MOST_MEMORY) offences.push(`it took ${Math.round(memory / 1024 / 1024)} MiB`);
  const shown = RAW.includes(op) ? stderr : stdout + stderr;
  if (/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(shown)) offences.push("control characters for the terminal");
  if (stderr.split("\n").length > 2 || stderr.includes("    at ")) offences.push("more than one line on stderr");
  return { op, exit: child.exitCode, ms: Math.round(performance.now() - began), stderr, offences };
}

/** A megabyte of it shows what it is like. */
async function sizeAndStart(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream) if (text.length < 1_000_000) text += new TextDecoder().decode(chunk);
  return text;
}
