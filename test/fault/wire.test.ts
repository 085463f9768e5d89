import { afterAll, beforeAll, expect, test } from "bun:test";
import { shellCommand } from "../conformance/provider.ts";
import { Terminal } from "../conformance/terminal.ts";
import { FAULT_SEED, runsOf } from "./chance.ts";
import type { WireFault } from "./cluster-access.ts";
import { report } from "./report.ts";
import { FAULTS } from "./wire-faults.ts";
import { calmRuns, plannedRuns, playUntilStruck, reachesOf, unmet } from "./wire-plan.ts";
import { offenders } from "./wire-runs.ts";
import { LIVE, type LiveGround, liveGround } from "./wire-sessions.ts";
import { comparison, reportComparison } from "./wire-table.ts";

const RUNS = runsOf(2_000, 5 * FAULTS.length);

const WHOLE = { wire: "tcp", direction: "answer", atByte: 0, connections: "all", ms: 0 } as const;

let live: LiveGround;
beforeAll(async () => {
  live = await liveGround();
}, 120_000);
afterAll(() => live.remove());

test(`${RUNS} calls that a fault of the wire meets are honest (FAULT_SEED=${FAULT_SEED})`, async () => {
  const { ground, wire } = live;
  const calm = await calmRuns(ground, wire, "calm");
  expect(offenders(calm)).toEqual([]);
  const verdicts = await playUntilStruck(ground, wire, plannedRuns("w", reachesOf(calm)), RUNS);
  reportComparison("wire", comparison([{ name: "ours", verdicts }]));
  for (const { name } of FAULTS) {
    const own = verdicts.filter(({ run }) => run.row.name === name);
    report("wire-row", { fault: name, runs: own.length, struck: own.filter(({ struck }) => struck).length });
  }
  expect(offenders(verdicts)).toEqual([]);
  expect(verdicts.filter(({ struck }) => struck).length).toBeGreaterThanOrEqual(RUNS);
  expect(unmet(verdicts)).toEqual([]);
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
    const { ground, wire } = live;
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
