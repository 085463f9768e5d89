import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../../build.ts";
import { clusterUp } from "../support/cluster.ts";
import { closingLines, suiteResults } from "../support/suites.ts";
import { keepRun, readFigures } from "./record.ts";
import { fullSuites, MOST_MS } from "./suites.ts";

const root = join(import.meta.dir, "../..");

/** What `npm run test:fault` runs, on a real Kubernetes: two lanes of suites, whose results it keeps in docs/faults.md.
 * `npm run test:fault -- NAME…` runs the suites of these names only; `FAULT_SEED` repeats a run, and what is kept of it.
 * `npm test` has most of them smaller. */
async function main(names: string[]): Promise<number> {
  const seed = process.env["FAULT_SEED"] ?? String(Date.now() % 1_000_000);
  const suites = fullSuites(names, seed);
  const { kubectl } = await clusterUp("default", "beads");
  await build(root);
  process.stdout.write(`FAULT_SEED=${seed}; suites: ${suites.map(({ name }) => name).join(" ")}\n`);
  const scratch = mkdtempSync(join(tmpdir(), "fault-report-"));
  const figures = join(scratch, "figures");
  process.env["KUBECTL"] = kubectl;
  process.env["FAULT_REPORT"] = figures;
  const began = performance.now();
  const results = await suiteResults(root, suites, MOST_MS);
  const seconds = Math.round((performance.now() - began) / 1000);
  await keepRun({ seed: Number(seed), seconds, results, figures: readFigures(figures) });
  rmSync(scratch, { recursive: true });
  return closingLines(results);
}

process.exit(await main(process.argv.slice(2)));
