import { afterAll, beforeAll, expect, test } from "bun:test";
import { FAULT_SEED, runsOf } from "./chance.ts";
import { type FaultyWire, faultyWire } from "./cluster-access.ts";
import { executableUnderTest, faultGround, type Ground, ownExecutable } from "./fault-ground.ts";
import { FAULTS } from "./wire-faults.ts";
import { OPERATIONS, type WireOperation } from "./wire-operations.ts";
import { described, plannedRuns, playRuns, type Verdict } from "./wire-runs.ts";
import { startLiveSessions } from "./wire-sessions.ts";
import { comparisonTable } from "./wire-table.ts";

const RUNS = runsOf(2_000, 5 * FAULTS.length);
/** An executable other than this tree's gets these only: sessions are made by ours. */
const COMPARED = ["is-running", "list-running", "peek", "process-alive", "get-last-activity", "get-meta"];

let ground: Ground;
let wire: FaultyWire;
beforeAll(async () => {
  ground = await faultGround(ownExecutable());
  wire = await faultyWire(ground.kubeconfig);
  await startLiveSessions(ground);
}, 120_000);
afterAll(async () => {
  wire.close();
  await ground.remove();
});

test(`${RUNS} calls under faults of the wire are honest (FAULT_SEED=${FAULT_SEED})`, async () => {
  const verdicts = await playRuns(ground, wire, plannedRuns(RUNS, "w"));
  console.log(comparisonTable([{ name: "ours", verdicts }]));
  expect(verdicts.filter(({ offences }) => offences.length > 0).map(described)).toEqual([]);
  expect(covered(verdicts)).toEqual([]);
}, 2_400_000);

test.if(executableUnderTest() !== ownExecutable())(
  `${executableUnderTest()} beside ours`,
  async () => {
    const other = ground.under(executableUnderTest());
    const subjects: { name: string; verdicts: Verdict[] }[] = [];
    for (const [name, subject] of Object.entries({ ours: ground, [executableUnderTest()]: other })) {
      const operations = await implemented(subject);
      const runs = plannedRuns(operations.length * FAULTS.length, "c", operations);
      subjects.push({ name, verdicts: await playRuns(subject, wire, runs) });
    }
    console.log(comparisonTable(subjects));
    expect(subjects[0]?.verdicts.filter(({ offences }) => offences.length > 0).map(described)).toEqual([]);
  },
  2_400_000,
);

/** Operations that the executable has, and does right when nothing goes wrong. */
async function implemented(subject: Ground): Promise<WireOperation[]> {
  const all = OPERATIONS.filter(({ op }) => COMPARED.includes(op));
  const exits = await Promise.all(all.map(({ op, call }) => subject.call({ op, ...call("probe", never) })));
  return all.filter((_, index) => exits[index]?.exit === 0);
}

const never = {
  below: () => 0,
  between: (low: number) => low,
  pick: <T>([first]: readonly [T, ...T[]]) => first,
  bytes: Buffer.alloc,
};

/** Faults and operations that no run was of. */
function covered(verdicts: Verdict[]): string[] {
  const seen = new Set(verdicts.flatMap(({ run }) => [run.row.name, run.operation.op]));
  return [...FAULTS.map(({ name }) => name), ...OPERATIONS.map(({ op }) => op)].filter((name) => !seen.has(name));
}
