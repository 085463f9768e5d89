import type { Answer } from "../support/gc/provider-process.ts";
import { chanceOf, inParallel } from "./chance.ts";
import type { FaultyWire, WireFault } from "./cluster-access.ts";
import type { Ground } from "./fault-ground.ts";
import type { Passed } from "./tcp-proxy.ts";
import { type FaultRow, isWaitedOut } from "./wire-faults.ts";
import { GRACE_MS, harmlessOffences, type Offence, offencesOf } from "./wire-judge.ts";
import { titleOf, type WireOperation } from "./wire-operations.ts";

/** One call under one fault. */
export interface WireRun {
  id: string;
  operation: WireOperation;
  row: FaultRow;
  fault: WireFault;
}

/** What came of it. */
export interface Verdict {
  run: WireRun;
  answer: Answer;
  offences: Offence[];
  /** The fault has happened, so that the run tells something. */
  struck: boolean;
  passed: Passed;
}

/** What mostly uses the processor, and what mostly waits, so many at a time. */
const BUSY_AT_ONCE = 4;
const WAITING_AT_ONCE = 24;
/** A watch is ended by its caller. */
const WATCHED_MS = 2_500;

/** Makes the runs and looks at what came of them, also at the cluster afterwards. */
export async function playRuns(ground: Ground, wire: FaultyWire, runs: WireRun[]): Promise<Verdict[]> {
  const isWaiting = ({ fault, operation }: WireRun) => operation.isSlow || isWaitedOut(fault);
  const lane = (some: WireRun[], atOnce: number) => inParallel(some, atOnce, (run) => play(ground, wire, run));
  const lanes = await Promise.all([
    lane(runs.filter(isWaiting), WAITING_AT_ONCE),
    lane(
      runs.filter((run) => !isWaiting(run)),
      BUSY_AT_ONCE,
    ),
  ]);
  const verdicts = lanes.flat();
  const operations = [...new Set(runs.map((run) => run.operation))];
  await Promise.all(operations.map((operation) => settle(ground, operation, verdicts)));
  return verdicts;
}

async function settle(ground: Ground, operation: WireOperation, verdicts: Verdict[]): Promise<void> {
  const own = verdicts.filter(({ run, offences }) => run.operation === operation && !offences.some(isOfHarness));
  const done = own.map(({ run, answer }) => ({ id: run.id, answer }));
  const found = await Promise.resolve(operation.settle?.(ground, done)).catch((error: unknown) => {
    own[0]?.offences.push(harnessOffence(error));
  });
  for (const { id, text } of found ?? []) {
    const verdict = own.find(({ run }) => run.id === id) ?? own[0];
    verdict?.offences.push({ fault: "false success", text });
  }
}

const lastOf = new Map<string, Promise<unknown>>();

async function play(ground: Ground, wire: FaultyWire, run: WireRun): Promise<Verdict> {
  const session = run.operation.alone?.(run.id);
  if (!session) return await playNow(ground, wire, run);
  const now = (lastOf.get(session) ?? Promise.resolve()).then(() => playNow(ground, wire, run));
  lastOf.set(session, now);
  return await now;
}

/** A helper that fails spoils this run only: all others are still looked at. */
async function playNow(ground: Ground, wire: FaultyWire, run: WireRun): Promise<Verdict> {
  const verdict: Verdict = {
    run,
    answer: noAnswer(ground, run),
    offences: [],
    struck: false,
    passed: { connections: [], requests: 0 },
  };
  try {
    await judge(ground, wire, verdict);
  } catch (error) {
    verdict.offences.push(harnessOffence(error));
  }
  return verdict;
}

async function judge(ground: Ground, wire: FaultyWire, verdict: Verdict): Promise<void> {
  const { id, operation, row, fault } = verdict.run;
  const before = (await operation.before?.(ground, id)) ?? "";
  const limitMs = operation.isWatch ? WATCHED_MS : operation.deadlineMs + GRACE_MS;
  const call = operation.call(id, chanceOf(`wire/${id}/call`));
  const answer = await wire.through(fault, async (kubeconfig, port) => {
    const ended = await ground.call({ op: operation.op, ...call, env: { KUBECONFIG: kubeconfig }, limitMs });
    verdict.struck = port.struck() && !operation.isLocal;
    verdict.passed = port.passed;
    return ended;
  });
  verdict.answer = answer;
  verdict.offences.push(...offencesOf(answer, operation));
  if (row.isHarmless) verdict.offences.push(...harmlessOffences(answer, operation));
  const lie = await operation.lie?.(ground, id, answer, before);
  if (lie) verdict.offences.push({ fault: "false success", text: lie });
  await operation.after?.(ground, id, answer);
}

function noAnswer({ executable, env }: Ground, { operation }: WireRun): Answer {
  const call = { executable, op: operation.op, args: [], env, cwd: "/" };
  const nothing = { exit: undefined, signal: undefined, stdout: Buffer.alloc(0), stderr: "", ms: 0 };
  return { call, ...nothing, cancelled: undefined, signals: [] };
}

function harnessOffence(error: unknown): Offence {
  return { fault: "harness", text: String(error).slice(0, 400) };
}

function isOfHarness({ fault }: Offence): boolean {
  return fault === "harness";
}

/** One line for a report: what was called, under which fault, and what was wrong. */
export function described({ run, answer, offences }: Verdict): string {
  const what = offences.map(({ fault, text }) => `${fault}: ${text}`).join("; ");
  return `${run.id} ${titleOf(run.operation)} × ${run.row.name} ${JSON.stringify(run.fault)} in ${Math.round(answer.ms)} ms: ${what}`;
}

/** One line each for the verdicts that have an offence. */
export function offenders(verdicts: Verdict[]): string[] {
  return verdicts.filter(({ offences }) => offences.length > 0).map(described);
}
