import { join } from "node:path";
import { build } from "../../build.ts";
import { clusterUp } from "../support/cluster.ts";
import { runSuites } from "../support/suites.ts";
import { helmPath } from "./helm.ts";

const root = join(import.meta.dir, "../..");

/** The chart under the real helm, on a real Kubernetes. Helm's own build takes minutes, so `npm test` does without. */
async function main(): Promise<number> {
  const { kubectl } = await clusterUp("default", "beads");
  await build(root);
  const env = { KUBECTL: kubectl, GC_TEST_HELM: await helmPath() };
  return await runSuites(root, [{ name: "helm", tests: ["test/helm"], env, timeoutMs: 120_000 }]);
}

process.exit(await main());
