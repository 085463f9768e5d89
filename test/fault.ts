import { join } from "node:path";
import { build } from "../build.ts";
import { runSuites } from "./support/suites.ts";

const root = join(import.meta.dir, "..");

/** What `npm run test:fault` runs: loads that take minutes, on clusters of their own. `npm test` has them smaller. */
async function main(): Promise<number> {
  await build(root);
  return await runSuites(root, [{ name: "fault", tests: ["test/fault/events-load.test.ts"], timeoutMs: 900_000 }]);
}

process.exit(await main());
