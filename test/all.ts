import { join } from "node:path";
import { build } from "../build.ts";
import { checks } from "./check.ts";
import { clusterUp } from "./support/cluster.ts";
import { runSuites, type Suite } from "./support/suites.ts";

const root = join(import.meta.dir, "..");

/** Everything that `npm test` runs, on a real Kubernetes. */
async function main(): Promise<number> {
  const { kubectl } = await clusterUp();
  await build(root);
  const env = { KUBECTL: kubectl };
  const suites: Suite[] = [
    ...checks,
    { name: "kubeconfig rules beside kubectl's", tests: ["test/kubeconfig"], env, timeoutMs: 60_000 },
    { name: "conformance", tests: ["test/conformance"], env, timeoutMs: 60_000, concurrency: 8 },
  ];
  return await runSuites(root, suites);
}

process.exit(await main());
