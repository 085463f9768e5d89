import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { executableUnderTest, ownExecutable } from "./fault-ground.ts";
import { compared } from "./wire-comparison.ts";
import { offenders } from "./wire-runs.ts";
import { type LiveGround, liveGround } from "./wire-sessions.ts";
import { comparison, comparisonTable, reportComparison } from "./wire-table.ts";

/** Stands beside ours unless the tests are pointed at another executable. */
const KUBECTL_PROVIDER = join(import.meta.dir, "../bench/kubectl-provider.sh");
const isPointedElsewhere = executableUnderTest() !== ownExecutable();
const OTHER = isPointedElsewhere ? executableUnderTest() : KUBECTL_PROVIDER;

let live: LiveGround;
beforeAll(async () => {
  live = await liveGround();
}, 120_000);
afterAll(() => live.remove());

test(`${OTHER} beside ours`, async () => {
  const { ground, wire } = live;
  const subjects = await compared(ground, wire, OTHER, isPointedElsewhere ? "other" : "shell and kubectl");
  const figures = comparison(subjects);
  console.log(comparisonTable(figures));
  reportComparison("wire-comparison", figures);
  expect(offenders(subjects[0]?.verdicts ?? [])).toEqual([]);
  // What the other executable does has to be told; that it does something right is what makes the table one.
  expect(subjects[1]?.verdicts.length).toBeGreaterThan(0);
}, 1_200_000);
