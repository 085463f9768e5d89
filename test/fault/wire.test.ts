import { afterAll, beforeAll, expect, test } from "bun:test";
import { shellCommand } from "../conformance/provider.ts";
import { Terminal } from "../conformance/terminal.ts";
import { FAULT_SEED, runsOf } from "./chance.ts";
import { type FaultyWire, faultyWire, type WireFault } from "./cluster-access.ts";
import { executableUnderTest, faultGround, type Ground, ownExecutable } from "./fault-ground.ts";
import { FAULTS } from "./wire-faults.ts";
import { OPERATIONS, type WireOperation } from "./wire-operations.ts";
import { described, plannedRuns, playRuns, type Verdict } from "./wire-runs.ts";
import { LIVE, startLiveSessions } from "./wire-sessions.ts";
import { comparisonTable } from "./wire-table.ts";

const RUNS = runsOf(2_000, 5 * FAULTS.length);
/** An executable other than this tree's gets these only: sessions are made by ours. */
const COMPARED = ["is-running", "list-running", "peek", "process-alive", "get-last-activity", "get-meta"];

const WHOLE = { wire: "tcp", direction: "answer", atByte: 0, connections: "all", ms: 0 } as const;

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

const ATTACH_FAULTS: [string, WireFault, string][] = [
  ["slices of a few bytes", { ...WHOLE, kind: "slice", atByte: 100 }, "ready"],
  ["refused for ever", { ...WHOLE, kind: "refuse" }, "ended with 1"],
  ["answer cut by a reset", { ...WHOLE, kind: "reset", atByte: 3_000 }, "ended with 1"],
  ["answer goes silent", { ...WHOLE, kind: "silence", atByte: 3_000, connections: "first" }, "ended with 1"],
];

test.each(ATTACH_FAULTS)(
  "attach × %s",
  async (_, fault, shown) => {
    await wire.through(fault, async (KUBECONFIG) => {
      const terminal = new Terminal(shellCommand({ ...ground.env, KUBECONFIG }, "attach", [LIVE.main]));
      try {
        await terminal.shows(shown);
      } finally {
        terminal.close();
      }
    });
  },
  60_000,
);

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
