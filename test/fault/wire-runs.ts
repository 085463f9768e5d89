import type { Answer } from "../support/gc/provider-process.ts";
import { chanceOf, inParallel } from "./chance.ts";
import type { FaultyWire, WireFault } from "./cluster-access.ts";
import type { Ground } from "./fault-ground.ts";
import { FAULTS, type FaultRow } from "./wire-faults.ts";
import { GRACE_MS, type Offence, offencesOf } from "./wire-judge.ts";
import { OPERATIONS, type WireOperation } from "./wire-operations.ts";

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
}

/** What mostly uses the processor, and what mostly waits, so many at a time. */
const BUSY_AT_ONCE = 4;
const WAITING_AT_ONCE = 24;
/** A watch is ended by its caller. */
const WATCHED_MS = 2_500;

/** So many runs, in which each operation meets each fault before any does so again; heavy operations half as often. */
export function plannedRuns(count: number, prefix: string, operations = OPERATIONS, faults = FAULTS): WireRun[] {
  const runs: WireRun[] = [];
  const cycle = faults.length * operations.length;
  for (let at = 0; runs.length < count; at++) {
    const row = faults[at % faults.length];
    const operation = operations[((at % faults.length) + Math.floor(at / faults.length)) % operations.length];
    if (!row || !operation) break;
    if (operation.isHeavy && Math.floor(at / cycle) % 2 === 1) continue;
    const id = `${prefix}${at}`;
    runs.push({ id, operation, row, fault: row.make(chanceOf(`wire/${at}`)) });
  }
  return runs;
}

/** Makes the runs and looks at what came of them, also at the cluster afterwards. */
export async function playRuns(ground: Ground, wire: FaultyWire, runs: WireRun[]): Promise<Verdict[]> {
  const isWaiting = ({ row, operation }: WireRun) => row.isSlow || operation.isSlow;
  const lane = (some: WireRun[], atOnce: number) => inParallel(some, atOnce, (run) => play(ground, wire, run));
  const lanes = await Promise.all([
    lane(runs.filter(isWaiting), WAITING_AT_ONCE),
    lane(
      runs.filter((run) => !isWaiting(run)),
      BUSY_AT_ONCE,
    ),
  ]);
  const verdicts = lanes.flat();
  for (const operation of new Set(runs.map((run) => run.operation))) {
    const own = verdicts.filter(({ run }) => run.operation === operation);
    const done = own.map(({ run, answer }) => ({ id: run.id, answer }));
    for (const { id, text } of (await operation.settle?.(ground, done)) ?? []) {
      const verdict = own.find(({ run }) => run.id === id) ?? own[0];
      verdict?.offences.push({ fault: "false success", text });
    }
  }
  return verdicts;
}

const alone = new Map<string, Promise<unknown>>();

async function play(ground: Ground, wire: FaultyWire, run: WireRun): Promise<Verdict> {
  const { op, isAlone } = run.operation;
  if (!isAlone) return await playNow(ground, wire, run);
  const last = alone.get(op) ?? Promise.resolve();
  const now = last.then(() => playNow(ground, wire, run));
  alone.set(
    op,
    now.catch(() => undefined),
  );
  return await now;
}

async function playNow(ground: Ground, wire: FaultyWire, run: WireRun): Promise<Verdict> {
  const { id, operation, row, fault } = run;
  await operation.before?.(ground, id);
  const limitMs = operation.isWatch ? WATCHED_MS : operation.deadlineMs + GRACE_MS;
  const call = operation.call(id, chanceOf(`wire/${id}/call`));
  const answer = await wire.through(fault, (kubeconfig) =>
    ground.call({ op: operation.op, ...call, env: { KUBECONFIG: kubeconfig }, limitMs }),
  );
  const offences = offencesOf(answer, operation);
  const lie = await operation.lie?.(ground, id, answer);
  if (lie) offences.push({ fault: "false success", text: lie });
  if (row.isHarmless && answer.exit !== 0 && !operation.isWatch && operation.op !== "check-image")
    offences.push({ fault: "failure", text: `fails although nothing is lost: ${answer.stderr.trim()}` });
  await operation.after?.(ground, id, answer);
  return { run, answer, offences };
}

/** One line for a report: what was called, under which fault, and what was wrong. */
export function described({ run, answer, offences }: Verdict): string {
  const what = offences.map(({ fault, text }) => `${fault}: ${text}`).join("; ");
  return `${run.id} ${run.operation.op} × ${run.row.name} ${JSON.stringify(run.fault)} in ${Math.round(answer.ms)} ms: ${what}`;
}
