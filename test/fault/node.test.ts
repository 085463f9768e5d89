import { afterAll, beforeAll, expect, test } from "bun:test";
import { until } from "../conformance/until.ts";
import { clusterDown, clusterUp } from "../support/cluster.ts";
import type { Answer } from "../support/gc/provider-process.ts";
import { chanceOf, FAULT_SEED, inParallel, runsOf } from "./chance.ts";
import { executableUnderTest, faultGround, type Ground, RAW_READER } from "./fault-ground.ts";
import { COMPONENTS, isUp, type NodeFault, withNodeFault } from "./node-faults.ts";

/** The cluster that may be broken; the others of the tests are left alone. */
const CLUSTER = "faults";
const OPERATIONS = Number(process.env["GC_TEST_NODE_OPERATIONS"] ?? runsOf(300, 32));
const AT_ONCE = 4;
const LIVE = "live";
/** A fault that lasted no longer has to be borne. */
const BORNE_MS = 5_000;

interface Kind {
  op: string;
  call(id: string): { args: string[]; stdin?: string };
  before?(id: string): Promise<unknown>;
  /** Says why a success is a lie; undefined = it is none. */
  lie(id: string, answer: Answer): Promise<string | undefined>;
}

interface Run {
  op: string;
  fault: string;
  outageMs: number;
  exit: number | undefined;
  stderr: string;
  lie: string | undefined;
}

const says =
  (wanted: string) =>
  async (_: string, { stdout }: Answer) =>
    stdout.includes(wanted) ? undefined : `it said ${JSON.stringify(stdout.toString().slice(0, 60))}`;
const unless = (holds: boolean, lie: string) => (holds ? undefined : lie);

const KINDS: [Kind, ...Kind[]] = [
  { op: "is-running", call: () => ({ args: [LIVE] }), lie: says("true\n") },
  { op: "list-running", call: () => ({ args: [LIVE] }), lie: says(`${LIVE}\n`) },
  { op: "peek", call: () => ({ args: [LIVE, "5"] }), lie: says("ready") },
  { op: "get-meta", call: () => ({ args: [LIVE, "known"] }), lie: says("value") },
  {
    op: "set-meta",
    call: (id) => ({ args: [LIVE, id], stdin: id }),
    lie: async (id) => unless((await ground.ok("get-meta", [LIVE, id])) === id, "the value is not there"),
  },
  {
    op: "nudge",
    call: (id) => ({ args: [LIVE], stdin: `<${id}>` }),
    async lie(id) {
      const typed = await ground.inBox(LIVE, "cat /tmp/read");
      return unless(typed.split(`<${id}>`).length === 2, `it was typed ${typed.split(`<${id}>`).length - 1} times`);
    },
  },
  {
    op: "copy-to",
    call: (id) => ({ args: [LIVE, import.meta.path, id] }),
    lie: async (id) =>
      unless(
        (await ground.inBox(LIVE, `cat /workspace/${id}`)) === (await Bun.file(import.meta.path).text()),
        "the file differs",
      ),
  },
  {
    op: "start",
    call: (id) => ({ args: [id], stdin: JSON.stringify({ command: "sleep 600" }) }),
    async lie(id) {
      const isThere = (await ground.ok("is-running", [id])) === "true\n";
      await ground.ok("stop", [id]);
      return unless(isThere, "it does not run");
    },
  },
  {
    op: "stop",
    before: (id) => startedOnceWell(id),
    call: (id) => ({ args: [id] }),
    lie: async (id) => unless((await ground.podOf(id)) === "", "its pod is there"),
  },
];

let ground: Ground;
let wasUp = false;
beforeAll(async () => {
  wasUp = await isUp(CLUSTER);
  await clusterUp(CLUSTER);
  process.env["GC_TEST_CLUSTER"] = CLUSTER;
  ground = await faultGround(executableUnderTest());
  await ground.ok("start", [LIVE], JSON.stringify({ command: RAW_READER }));
  await ground.ok("set-meta", [LIVE, "known"], "value");
}, 590_000);
afterAll(async () => {
  await ground.remove();
  if (!wasUp) await clusterDown(CLUSTER);
}, 120_000);

test(`${OPERATIONS} operations while parts of the node fail are honest (FAULT_SEED=${FAULT_SEED})`, async () => {
  const chance = chanceOf("node");
  const runs: Run[] = [];
  while (runs.length < OPERATIONS) {
    const signal = chance.pick(["SIGSTOP", "SIGKILL"] as const);
    const fault = { component: chance.pick(COMPONENTS), signal, ms: 500 + chance.below(4_000) };
    const picked = Array.from({ length: AT_ONCE }, (_, index) => ({
      kind: chance.pick(KINDS),
      id: `n${runs.length + index}`,
      waitMs: chance.below(500),
    }));
    runs.push(...(await round(fault, picked)));
  }
  const borne = runs.filter(({ outageMs }) => outageMs <= BORNE_MS);
  const succeeded = borne.filter(({ exit }) => exit === 0).length;
  console.log(
    `${runs.length} operations, ${runs.filter(({ exit }) => exit === 0).length} succeeded; ` +
      `${borne.length} in faults of at most 5 s, ${succeeded} of these succeeded`,
  );
  console.log(
    runs
      .filter(({ exit }) => exit !== 0)
      .map(({ op, fault, outageMs, stderr }) => `${op}, ${fault}, ${Math.round(outageMs)} ms: ${stderr.trim()}`)
      .join("\n"),
  );
  expect(runs.filter(({ lie, exit }) => lie !== undefined || ![0, 1].includes(exit ?? -1))).toEqual([]);
  if (borne.length > 0) expect(succeeded / borne.length).toBeGreaterThanOrEqual(0.95);
}, 2_400_000);

const ENDS: Record<string, string> = {
  "the agent is killed":
    "kill -KILL $(cat /run/gc/pane_pid 2>/dev/null || tmux display-message -p -t =main: '#{pane_pid}')",
  "tmux is killed": "kill -KILL $(cat /run/gc/server)",
};

test.each([...Object.entries(ENDS), ["the pod is deleted", ""]])(
  "when %s the session is seen to have ended, and starts anew",
  async (what, script) => {
    const session = what.replace(/\W/g, "-");
    const config = JSON.stringify({ command: "sleep 600" });
    await ground.ok("start", [session], config);
    if (script) await ground.inBox(session, script);
    else await ground.kubectl("delete", "pod", await ground.podOf(session), "--grace-period=1", "--wait=false");
    await until(async () => (await ground.ok("is-running", [session])) === "false\n", 30_000);
    // The list reads the pods' phase alone, which may follow the container's state by a moment.
    await until(async () => (await ground.ok("list-running", [session])) === "", 10_000);
    await ground.ok("start", [session], config);
    expect(await ground.ok("is-running", [session])).toBe("true\n");
    await ground.ok("stop", [session]);
  },
  120_000,
);

/** Scheduler and kubelet need a moment after a fault before they take pods again. */
async function startedOnceWell(id: string): Promise<void> {
  const call = { op: "start", args: [id], stdin: JSON.stringify({ command: "sleep 600" }) };
  await until(async () => (await ground.call(call)).exit === 0, 90_000);
}

async function round(fault: NodeFault, picked: { kind: Kind; id: string; waitMs: number }[]): Promise<Run[]> {
  for (const { kind, id } of picked) await kind.before?.(id);
  const { outageMs, result } = await withNodeFault(CLUSTER, fault, () =>
    inParallel(picked, AT_ONCE, async ({ kind, id, waitMs }) => {
      await Bun.sleep(waitMs);
      return await ground.call({ op: kind.op, ...kind.call(id) });
    }),
  );
  const runs: Run[] = [];
  for (const [index, { kind, id }] of picked.entries()) {
    const answer = result[index];
    if (!answer) continue;
    const lie = answer.exit === 0 ? await kind.lie(id, answer) : undefined;
    if (answer.exit !== 0 && ["start", "stop"].includes(kind.op)) await ground.ok("stop", [id]);
    const { exit, stderr } = answer;
    runs.push({ op: kind.op, fault: `${fault.signal} ${fault.component}`, outageMs, exit, stderr, lie });
  }
  return runs;
}
