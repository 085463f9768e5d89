import { afterAll, beforeAll, expect, test } from "bun:test";
import { until } from "../conformance/until.ts";
import { clusterDown, clusterUp } from "../support/cluster.ts";
import { type Chance, chanceOf, FAULT_SEED, inParallel, runsOf } from "./chance.ts";
import { executableUnderTest, faultGround, type Ground } from "./fault-ground.ts";
import { faultName, isThere, NODE_FAULTS, type NodeFault, withNodeFault } from "./node-faults.ts";
import { DYING_KINDS, KINDS, type Kind, LIVE, startKnown } from "./node-operations.ts";
import { report } from "./report.ts";

/** The cluster that may be broken; the others of the tests are left alone. */
const CLUSTER = "faults";
/** So many let each fault and each operation come several times. */
const WHOLE = 300;
const OPERATIONS = Number(process.env["GC_TEST_NODE_OPERATIONS"] ?? runsOf(WHOLE, 32));
const AT_ONCE = 6;
/** Operations begin within so many milliseconds; a kill, by way of kubectl, comes amid them. */
const WITHIN_MS = 500;
const WITHIN_KILL_MS = 1_500;
/** A fault that lasted no longer has to be borne. */
const BORNE_MS = 5_000;

interface Picked {
  kind: Kind;
  id: string;
  waitMs: number;
}

interface Run {
  op: string;
  fault: string;
  /** Undefined when a session was killed: it is not expected to live on. */
  outageMs?: number;
  exit: number | undefined;
  stdout: string;
  stderr: string;
  lie: string | undefined;
}

/** Kills that a session does not survive, by name; shell text for its box, or "" for its pod. */
const ENDS: Record<string, string> = {
  "the agent is killed":
    "kill -KILL $(cat /run/gc/pane_pid 2>/dev/null || tmux display-message -p -t =main: '#{pane_pid}')",
  "tmux is killed": "kill -KILL $(cat /run/gc/server)",
  "the pod is deleted": "",
};
const KILLS = Object.keys(ENDS);

/** What the rounds draw from. */
interface Draws {
  chance: Chance;
  faults: Generator<NodeFault, never>;
  kinds: Generator<Kind, never>;
  ends: Generator<string, never>;
  dyingKinds: Generator<Kind, never>;
}

let ground: Ground;
beforeAll(async () => {
  // A run that was killed at its limit has left it, in whatever state.
  if (await isThere(CLUSTER)) await clusterDown(CLUSTER);
  await clusterUp(CLUSTER);
  process.env["GC_TEST_CLUSTER"] = CLUSTER;
  ground = await faultGround(executableUnderTest());
  await startKnown(ground, LIVE);
}, 590_000);
afterAll(async () => {
  try {
    await ground.remove();
  } finally {
    // Files that run after this one in the same process mean the other cluster again.
    delete process.env["GC_TEST_CLUSTER"];
    await clusterDown(CLUSTER);
  }
}, 120_000);

test(`${OPERATIONS} operations while parts of the node fail are honest (FAULT_SEED=${FAULT_SEED})`, async () => {
  const chance = chanceOf("node");
  const draws: Draws = {
    chance,
    faults: rotation(chance, NODE_FAULTS),
    kinds: rotation(chance, KINDS),
    ends: rotation(chance, KILLS),
    dyingKinds: rotation(chance, DYING_KINDS),
  };
  const runs: Run[] = [];
  while (runs.length < OPERATIONS) {
    // The fourth round is of a session that is killed.
    const isKill = (runs.length / AT_ONCE) % 4 === 3;
    runs.push(...(isKill ? await killRound(draws, `victim-${runs.length}`) : await faultRound(draws, runs.length)));
  }
  const ofNode = runs.filter(({ outageMs }) => outageMs !== undefined);
  const borne = ofNode.filter(({ outageMs = 0 }) => outageMs <= BORNE_MS);
  const succeeded = (some: Run[]) => some.filter(({ exit }) => exit === 0).length;
  const dying = runs.filter(({ outageMs }) => outageMs === undefined);
  const seenDead = dying.filter(({ exit, stdout }) => exit !== 0 || stdout === "false\n");
  const lies = runs.filter(({ lie, exit, stderr }) => lie !== undefined || !isHonest(exit, stderr));
  report("node", {
    operations: runs.length,
    succeeded: succeeded(runs),
    "in faults of at most 5 s": borne.length,
    "of these succeeded": succeeded(borne),
    "while the session was killed": dying.length,
    "of these saw its end": seenDead.length,
    "kinds of fault": new Set(runs.map(({ fault }) => fault)).size,
    "never met": unmet(runs).length,
    lies: lies.length,
  });
  console.log(
    runs
      .filter(({ exit }) => exit !== 0)
      .map(({ op, fault, outageMs = 0, stderr }) => `${op}, ${fault}, ${Math.round(outageMs)} ms: ${stderr.trim()}`)
      .join("\n"),
  );
  expect(lies).toEqual([]);
  if (OPERATIONS >= WHOLE) expect(unmet(runs)).toEqual([]);
  expect(borne.length).toBeGreaterThanOrEqual(ofNode.length / 3);
  expect(succeeded(borne) / borne.length).toBeGreaterThanOrEqual(0.95);
  expect(seenDead.length).toBeGreaterThanOrEqual(Math.floor(dying.length / 12));
}, 2_400_000);

test.each(KILLS)(
  "when %s the session is seen to have ended, and starts anew",
  async (end) => {
    const session = end.replace(/\W/g, "-");
    await startKnown(ground, session);
    await kill(session, end);
    await startsAnew(session);
  },
  120_000,
);

/** Operations while a part of the node fails. */
async function faultRound({ chance, faults, kinds }: Draws, first: number): Promise<Run[]> {
  const fault = faults.next().value;
  const stoppedMs = 500 + chance.below(4_000);
  const picked = pick(chance, kinds, WITHIN_MS, (index) => `n${first + index}`);
  await Promise.all(picked.map(({ kind, id }) => kind.before?.(ground, id)));
  const { outageMs, result } = await withNodeFault(CLUSTER, fault, stoppedMs, () => callAll(picked));
  return await judgeAll(picked, result, { fault: faultName(fault), outageMs });
}

/** Operations of a session that is killed meanwhile; the next start has to find it as dead as it is. */
async function killRound({ chance, ends, dyingKinds }: Draws, victim: string): Promise<Run[]> {
  const end = ends.next().value;
  const picked = pick(chance, dyingKinds, WITHIN_KILL_MS, (index) => `${victim}.${index}`);
  await startKnown(ground, victim);
  const calls = callAll(picked);
  await kill(victim, end);
  const runs = await judgeAll(picked, await calls, { fault: end });
  await startsAnew(victim);
  return runs;
}

/** Values without end, shuffled: each comes once before any comes again. */
function* rotation<T>(chance: Chance, values: T[]): Generator<T, never> {
  while (true) for (const left = [...values]; left.length > 0; ) yield* left.splice(chance.below(left.length), 1);
}

function pick(
  chance: Chance,
  kinds: Generator<Kind, never>,
  withinMs: number,
  idOf: (index: number) => string,
): Picked[] {
  const row = (_: unknown, index: number) => ({
    kind: kinds.next().value,
    id: idOf(index),
    waitMs: chance.below(withinMs),
  });
  return Array.from({ length: AT_ONCE }, row);
}

/** Faults that were never made, and operations of which no run counts: while a part of the node fails, only a success
 * is judged; a session that is killed may be seen as dead by all of them. */
function unmet(runs: Run[]): string[] {
  const dying = (op: string) => `${op} while the session is killed`;
  const met = runs.flatMap(({ op, fault, outageMs, exit }) => {
    if (outageMs === undefined) return [fault, dying(op)];
    return exit === 0 ? [fault, op] : [fault];
  });
  const faults = [...NODE_FAULTS.map(faultName), ...KILLS];
  const operations = [...KINDS.map(({ op }) => op), ...DYING_KINDS.map(({ op }) => dying(op))];
  return [...faults, ...operations].filter((name) => !met.includes(name));
}

async function callAll(picked: Picked[]) {
  return await inParallel(picked, AT_ONCE, async ({ kind, id, waitMs }) => {
    await Bun.sleep(waitMs);
    return await ground.call({ op: kind.op, ...kind.call(id) });
  });
}

async function judgeAll(
  picked: Picked[],
  answers: Awaited<ReturnType<typeof callAll>>,
  what: Pick<Run, "fault" | "outageMs">,
): Promise<Run[]> {
  const rows = picked.flatMap((row, index) => {
    const answer = answers[index];
    return answer ? [{ ...row, answer }] : [];
  });
  return await inParallel(rows, AT_ONCE, async ({ kind, id, answer }) => {
    const { exit, stderr } = answer;
    const lie = exit === 0 ? await kind.lie(ground, id, answer) : undefined;
    await kind.after?.(ground, id);
    return { op: kind.op, ...what, exit, stdout: answer.stdout.subarray(0, 100).toString(), stderr, lie };
  });
}

/** One line says what went wrong, and it is none of the program's own mistakes. */
function isHonest(exit: number | undefined, stderr: string): boolean {
  return (exit === 0 || (exit === 1 && /^[^\n]+\n$/.test(stderr))) && !/internal error/.test(stderr);
}

async function kill(session: string, end: string): Promise<void> {
  if (ENDS[end]) await ground.inBox(session, ENDS[end]);
  else await ground.kubectl("delete", "pod", await ground.podOf(session), "--grace-period=1", "--wait=false");
}

async function startsAnew(session: string): Promise<void> {
  await until(async () => (await ground.ok("is-running", [session])) === "false\n", 30_000);
  // The list reads the pods' phase alone, which may follow the container's state by a moment.
  await until(async () => (await ground.ok("list-running", [session])) === "", 10_000);
  await ground.ok("start", [session], JSON.stringify({ command: "sleep 600" }));
  expect(await ground.ok("is-running", [session])).toBe("true\n");
  await ground.ok("stop", [session]);
}
