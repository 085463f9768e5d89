import { join } from "node:path";
import { build } from "../build.ts";
import { checks } from "./check.ts";
import { reducedSuite } from "./fault/suites.ts";
import { clusterUp } from "./support/cluster.ts";
import { closingLines, type Suite, type SuiteResult, suiteResults } from "./support/suites.ts";

const root = join(import.meta.dir, "..");

/** The suites whose pods hold `bd` or Dolt, whose first build takes 5 minutes. */
const WITH_BEADS = ["beads", "dolt", "cli", "fault"];

/** Everything that `npm test` runs, on a real Kubernetes; `npm test -- NAME…` runs the suites of these names only. */
async function main(): Promise<number> {
  const wanted = process.argv.slice(2);
  const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name);
  const { kubectl } = await clusterUp("default", WITH_BEADS.some(isWanted) ? "beads" : undefined);
  await build(root);
  // What is drawn by chance is the same in each run; `FAULT_SEED` draws something else.
  const env = { KUBECTL: kubectl, FAULT_SEED: process.env["FAULT_SEED"] ?? "1" };
  const bun = process.execPath;
  // Conformance waits for pods half of its time, so the others of these run beside it.
  const beside: Suite[] = [
    { name: "conformance", tests: ["test/conformance"], env, timeoutMs: 90_000, concurrency: 8, lane: 1 },
    ...checks,
    { name: "kubeconfig", tests: ["test/kubeconfig"], env, timeoutMs: 60_000 },
    { name: "settings", tests: ["test/settings"], env, timeoutMs: 60_000, concurrency: 8 },
    { name: "dolt", tests: ["test/dolt"], env, timeoutMs: 120_000 },
    { name: "cli", tests: ["test/cli"], env, timeoutMs: 120_000, concurrency: 3 },
    { name: "demo", command: [bun, join(root, "demo/demo.ts")] },
    { name: "lifecycle", tests: ["test/lifecycle"], env, timeoutMs: 120_000 },
    { name: "races", tests: ["test/races"], env, timeoutMs: 180_000 },
  ];
  // These judge times, and need the machine for themselves.
  const alone: Suite[] = [
    { name: "events", tests: ["test/events"], env, timeoutMs: 60_000, concurrency: 8 },
    { name: "cluster", tests: ["test/cluster"], env, timeoutMs: 120_000 },
    { name: "signals", tests: ["test/signals"], env, timeoutMs: 180_000 },
    reducedSuite(env),
    { name: "beads", tests: ["test/beads"], env, timeoutMs: 240_000, concurrency: 3, files: 2 },
    { name: "bench", command: [bun, join(root, "test/bench/bench.ts"), "--quick"] },
  ];
  const results: SuiteResult[] = [];
  for (const phase of [beside, alone])
    results.push(
      ...(await suiteResults(
        root,
        phase.filter(({ name }) => isWanted(name)),
      )),
    );
  return closingLines(results);
}

process.exit(await main());
