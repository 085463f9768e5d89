import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processesIn } from "../../local-kubernetes/cgroups.ts";
import { until } from "../conformance/until.ts";
import { localCluster } from "../security/places.ts";
import { DRIVING_CALLS, LOOKING_CALLS } from "../security/session-calls.ts";
import { procFile } from "../support/proc.ts";
import { inParallel, runsOf } from "./chance.ts";
import { executableUnderTest, faultGround, type Ground } from "./fault-ground.ts";
import { type BoxCall, LASTING_CALLS, runOfBox } from "./hostile-box-runs.ts";
import { HOSTILE_BOXES, type HostileBox } from "./hostile-boxes.ts";
import { report } from "./report.ts";

/** `npm test` takes one of each kind, and one operation of each kind. */
const SHORT_BOXES = ["a tmux that lies", "paths that lead out", "a first process that is stopped"];
const SHORT_CALLS = ["is-running", "peek", "nudge", "copy-from", "watch-startup", "attach"];
const isFull = runsOf(1, 0) > 0;
const BOXES = Object.entries(HOSTILE_BOXES).filter(([name]) => isFull || SHORT_BOXES.includes(name));

const scratch = mkdtempSync(join(tmpdir(), "hostile-box-"));
const inside = join(scratch, "one/two/transcripts");
const CALLS: BoxCall[] = [...LOOKING_CALLS, ...DRIVING_CALLS, ...LASTING_CALLS].filter(
  ({ op }) => isFull || SHORT_CALLS.includes(op),
);
const STOP: BoxCall = {
  op: "stop",
  args: (session) => [session],
  env: { GC_TRANSCRIPTS_SRC: "/workspace", GC_TRANSCRIPTS_DEST: inside },
};

/** A box has a fifth of a processor, and the node two or so in all. */
const BOXES_AT_ONCE = 3;
/** Calls that print what a flooding box has to say take all of a processor. */
const CALLS_OF_FLOOD = 5;
let free = BOXES_AT_ONCE;
const all: Awaited<ReturnType<typeof runOfBox>>[] = [];

let ground: Ground;
beforeAll(async () => {
  ground = await faultGround(executableUnderTest());
  mkdirSync(inside, { recursive: true });
}, 60_000);
afterAll(async () => {
  report("hostile-box", {
    boxes: BOXES.length,
    calls: all.length,
    "longest in ms": Math.max(0, ...all.map(({ ms }) => ms)),
    "most memory in MiB": Math.max(0, ...all.map(({ MiB }) => MiB)),
    offences: all.filter(({ offences }) => offences.length > 0).length,
  });
  rmSync(scratch, { recursive: true });
  await ground.remove();
}, 60_000);

test.concurrent.each(BOXES)(
  "%s: every operation ends in time, in bounds, and writes nothing elsewhere",
  async (_, box) => {
    await until(() => free > 0 && free-- > 0, 600_000);
    try {
      await attack(box);
    } finally {
      free++;
    }
  },
  900_000,
);

// Only what the box itself says can tell: the API shows a pod that runs for as long as its first process does.
test.concurrent.each([
  ["has exited", ": >/tmp/end; until [ -e /run/gc/status ]; do sleep 0.1; done"],
  ["was killed with its wrapper", "kill -KILL $(cat /run/gc/wrapper)"],
])(
  "what needs no terminal is not done for an agent that %s, while the first process is stopped",
  async (_, end) => {
    const session = `ended-${crypto.randomUUID().slice(0, 6)}`;
    await begin(session, { agent: "until [ -e /tmp/end ]; do sleep 0.1; done; exit 3", stopsInit: true });
    expect((await ground.call({ op: "exec", args: [session], stdin: "true" })).exit).toBe(0);
    await ground.inBox(session, end);
    const calls = [
      { op: "exec", args: [session], stdin: ": >/workspace/done", ends: 1 },
      { op: "copy-from", args: [session, "/etc/hostname"], ends: 1 },
      // The contract takes a session that is gone for no failure of a copy to it.
      { op: "copy-to", args: [session, import.meta.path, "done"], ends: 0 },
    ];
    for (const { ends, ...call } of calls) {
      const { exit, stderr } = await ground.call(call);
      expect([call.op, exit]).toEqual([call.op, ends]);
      if (ends === 1) expect(stderr.toString()).toContain("it has no running agent");
    }
    expect(await ground.inBox(session, "ls /workspace/done 2>/dev/null || :")).toBe("");
    await ground.ok("stop", [session]);
  },
  120_000,
);

async function attack(box: HostileBox): Promise<void> {
  const session = `hostile-${crypto.randomUUID().slice(0, 6)}`;
  const uid = await begin(session, box);
  const outcomes = await inParallel(CALLS, box.floods ? CALLS_OF_FLOOD : CALLS.length, (call) =>
    runOfBox(ground, call, session),
  );
  // Nothing has proved that the agent is dead: it must be the same one.
  expect(await uidOf(session)).toBe(uid);
  // Only a box that is removed holds nobody up: that has to work whatever its agent does.
  outcomes.push(await runOfBox(ground, STOP, session));
  all.push(...outcomes);
  expect(outcomes.filter(({ offences }) => offences.length > 0)).toEqual([]);
  expect(await ground.podOf(session)).toBe("");
  expect(
    readdirSync(scratch, { recursive: true }).filter(
      (name) =>
        !`${inside}/`.startsWith(`${join(scratch, String(name))}/`) && !join(scratch, String(name)).startsWith(inside),
    ),
  ).toEqual([]);
  await until(() => processesOf(uid).length === 0, 20_000);
}

async function uidOf(session: string): Promise<string> {
  return (await ground.kubectl("get", "pod", await ground.podOf(session), "-o", "jsonpath={.metadata.uid}")).trim();
}

async function begin(
  session: string,
  { agent, user = "0", mostProcesses, stopsInit = false }: HostileBox,
): Promise<string> {
  // The agent turns hostile when its session is there, and outlives `interrupt`.
  const command = `trap '' INT; until [ -e /workspace/go ]; do sleep 0.1; done; echo x >/workspace/log; ${agent}`;
  const env = { GC_K8S_RUN_AS_USER: user, GC_K8S_CPU_LIMIT: "200m", GC_K8S_MEM_LIMIT: "256Mi" };
  const started = await ground.call({ op: "start", args: [session], stdin: JSON.stringify({ command }), env });
  expect([started.exit, started.stderr.toString()]).toEqual([0, ""]);
  const uid = await uidOf(session);
  const [first] = processesOf(uid).filter(({ numbers }) => numbers.at(-1) === 1 && isBox(numbers[0] ?? 0));
  if (!first) throw new Error(`no process of pod ${uid} is its first one`);
  if (mostProcesses) writeFileSync(join(pidsCgroup(first.pid), "pids.max"), String(mostProcesses));
  await ground.inBox(session, ": >/workspace/go");
  await Bun.sleep(1_500);
  if (stopsInit) process.kill(first.pid, "SIGSTOP");
  return uid;
}

function processesOf(uid: string) {
  return processesIn(localCluster().cgroup).filter(({ pid }) => procFile(pid, "cgroup").includes(uid));
}

function isBox(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, "latin1").startsWith("/bin/sh");
}

function pidsCgroup(pid: number): string {
  const cgroups = procFile(pid, "cgroup");
  const path = /:pids:(.*)$/m.exec(cgroups)?.[1] ?? /^0::(.*)$/m.exec(cgroups)?.[1] ?? "";
  return join("/sys/fs/cgroup", /:pids:/.test(cgroups) ? "pids" : "", path);
}
