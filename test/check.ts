import { join } from "node:path";
import { runSuites, type Suite } from "./support/suites.ts";

const root = join(import.meta.dir, "..");

/** What `npm run check` runs, in order of how soon each tells something: no cluster, under 30 s. */
export const checks: Suite[] = [
  { name: "types", command: [join(root, "node_modules/.bin/tsc"), "--noEmit", "-p", root] },
  { name: "lint", command: [join(root, "node_modules/.bin/biome"), "check", "--error-on-warnings", root] },
  {
    name: "unit",
    tests: [
      "src",
      "local-kubernetes",
      "test/bench",
      "test/support",
      "test/fault/soak-judge.test.ts",
      "test/fault/record.test.ts",
      "test/fault/hostile-box-runs.test.ts",
      "test/fault/tcp-proxy.test.ts",
      "test/fault/watch-memory.test.ts",
    ],
  },
  { name: "house rules", tests: ["test/house"] },
];

if (import.meta.main) process.exit(await runSuites(root, checks));
