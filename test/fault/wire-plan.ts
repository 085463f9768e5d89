import { chanceOf } from "./chance.ts";
import type { FaultyWire, WireFault } from "./cluster-access.ts";
import type { Ground } from "./fault-ground.ts";
import type { Passed } from "./tcp-proxy.ts";
import { FAULTS, type FaultRow } from "./wire-faults.ts";
import { OPERATIONS, titleOf, type WireOperation } from "./wire-operations.ts";
import { playRuns, type Verdict, type WireRun } from "./wire-runs.ts";

/** What an operation lets pass when nothing fails, by the operation. */
export type Reaches = Map<WireOperation, Passed>;

const NONE = { from: 0, count: 0 } as const;
/** Ways through either proxy on which nothing fails: one counts bytes, the other requests. */
const CALM: WireFault[] = [
  { wire: "tcp", kind: "delay", direction: "answer", atByte: 0, connections: NONE, ms: 0 },
  { wire: "http", kind: "answer", code: 500, reason: "", body: "status", requests: NONE },
];
/** What asks the cluster nothing shows as much in a few runs as in many. */
const LOCAL_RUNS = 5;
/** Runs beyond those that are missing: not every fault meets its call. */
const SPARE = 1.08;
const MOST_ROUNDS = 6;

/** Each operation once through each proxy without a fault: it has to be right there. */
export async function calmRuns(
  ground: Ground,
  wire: FaultyWire,
  prefix: string,
  operations = OPERATIONS,
): Promise<Verdict[]> {
  const [fault] = CALM as [WireFault];
  const row: FaultRow = { name: "nothing", make: () => fault, isHarmless: true };
  const runs = CALM.flatMap((calm, way) =>
    operations.map((operation, at): WireRun => ({ id: `${prefix}-${way}-${at}`, operation, row, fault: calm })),
  );
  return await playRuns(ground, wire, runs);
}

/** What passed in runs without a fault. */
export function reachesOf(calm: Verdict[]): Reaches {
  const reaches: Reaches = new Map();
  for (const { run, passed } of calm) {
    const { connections = [], requests = 0 } = reaches.get(run.operation) ?? {};
    reaches.set(run.operation, {
      connections: [...connections, ...passed.connections],
      requests: requests + passed.requests,
    });
  }
  return reaches;
}

/** Runs without end, in which each operation meets each fault before any does so again; rare operations half as often. */
export function* plannedRuns(prefix: string, reaches: Reaches, operations = OPERATIONS): Generator<WireRun> {
  let localRuns = 0;
  for (let round = 0; ; round++)
    for (const [at, operation] of operations.entries()) {
      const row = FAULTS[(at + round) % FAULTS.length];
      if (!row) return;
      if (operation.isRare && Math.floor(round / FAULTS.length) % 2 === 1) continue;
      if (operation.isLocal && localRuns++ >= LOCAL_RUNS) continue;
      const reach = reaches.get(operation) ?? { connections: [], requests: 0 };
      const id = `${prefix}${round}-${at}`;
      yield { id, operation, row, fault: row.make(chanceOf(`wire/${round}-${at}`), reach) };
    }
}

/** The next of the runs. */
export function nextRuns(runs: Iterator<WireRun>, count: number): WireRun[] {
  const taken: WireRun[] = [];
  for (let next = runs.next(); !next.done; next = runs.next()) {
    taken.push(next.value);
    if (taken.length === count) break;
  }
  return taken;
}

/** Makes runs until their faults have struck so many times. */
export async function playUntilStruck(
  ground: Ground,
  wire: FaultyWire,
  runs: Iterator<WireRun>,
  count: number,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const missing = count - verdicts.filter(({ struck }) => struck).length;
    if (missing <= 0) break;
    verdicts.push(...(await playRuns(ground, wire, nextRuns(runs, Math.ceil(missing * SPARE)))));
  }
  return verdicts;
}

/** Faults and operations that never met. */
export function unmet(verdicts: Verdict[]): string[] {
  const met = verdicts.filter(({ struck }) => struck);
  const seen = new Set(met.flatMap(({ run }) => [run.row.name, titleOf(run.operation)]));
  const operations = OPERATIONS.filter(({ isLocal }) => !isLocal);
  return [...FAULTS.map(({ name }) => name), ...operations.map(titleOf)].filter((name) => !seen.has(name));
}
