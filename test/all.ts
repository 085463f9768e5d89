import { join } from "node:path";
import { build } from "../build.ts";
import { checks } from "./check.ts";
import { clusterUp } from "./support/cluster.ts";
import { runSuites, type Suite } from "./support/suites.ts";

const root = join(import.meta.dir, "..");

/** Everything that `npm test` runs, on a real Kubernetes; `npm test -- NAME…` runs the suites of these names only. */
async function main(): Promise<number> {
  const { kubectl } = await clusterUp();
  await build(root);
  const env = { KUBECTL: kubectl };
  const bun = process.execPath;
  const suites: Suite[] = [
    ...checks,
    { name: "kubeconfig", tests: ["test/kubeconfig"], env, timeoutMs: 60_000 },
    { name: "conformance", tests: ["test/conformance"], env, timeoutMs: 90_000, concurrency: 8 },
    { name: "lifecycle", tests: ["test/lifecycle"], env, timeoutMs: 120_000 },
    { name: "races", tests: ["test/races"], env, timeoutMs: 180_000 },
    { name: "signals", tests: ["test/signals"], env, timeoutMs: 180_000 },
    { name: "cluster", tests: ["test/cluster"], env, timeoutMs: 120_000 },
    { name: "demo", command: [bun, join(root, "demo/demo.ts")] },
    { name: "bench", command: [bun, join(root, "test/bench/bench.ts"), "--quick"] },
  ];
  const wanted = process.argv.slice(2);
  return await runSuites(
    root,
    suites.filter(({ name }) => wanted.length === 0 || wanted.includes(name)),
  );
}

process.exit(await main());
