import { join } from "node:path";
import { build } from "../../build.ts";
import { clusterUp } from "../support/cluster.ts";
import { runSuites } from "../support/suites.ts";
import { faultSuites, fullSuites, MOST_MS } from "./suites.ts";

const root = join(import.meta.dir, "../..");

/** What `npm run test:fault` runs, on a real Kubernetes; `npm run test:fault -- NAME…` runs the suites of these names
 * only, `FAULT_SEED` repeats a run. `npm test` has most of them smaller. */
async function main(): Promise<number> {
  const seed = process.env["FAULT_SEED"] ?? String(Date.now() % 1_000_000);
  const suites = fullSuites(process.argv.slice(2), seed);
  const { kubectl } = await clusterUp(
    "default",
    suites.some(({ name }) => name === "beads-kills") ? "beads" : undefined,
  );
  await build(root);
  process.stdout.write(`FAULT_SEED=${seed}; suites: ${faultSuites.map(({ name }) => name).join(" ")}\n`);
  process.env["KUBECTL"] = kubectl;
  return await runSuites(root, suites, process.argv.length > 2 ? undefined : MOST_MS);
}

process.exit(await main());
