import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestNamespace, testNamespace } from "../conformance/namespace.ts";
import { clusterStatus } from "../support/cluster.ts";

/** What is promised for a cluster that is there and holds the images; the packages come over the network. */
const WITHIN_MS = 180_000;

const root = join(import.meta.dir, "../..");
const scratch = mkdtempSync(join(tmpdir(), "gc-k8s-quick-"));
const namespace: TestNamespace = testNamespace();
let doltImage = "";
beforeAll(async () => {
  await namespace.create();
  doltImage = (await clusterStatus(process.env["GC_TEST_CLUSTER"])).beadsImage;
}, 60_000);
afterAll(async () => {
  rmSync(scratch, { recursive: true });
  await namespace.remove();
}, 60_000);

/** The README's own commands, on what is committed. */
const STEPS = `
git clone --quiet --depth 1 "file://$REPOSITORY" gc-k8s
cd gc-k8s
npm run --silent build
export PATH=$PWD/dist:$PATH
gc-k8s install --dolt-image "$DOLT_IMAGE"
echo '{"command":"bash --norc -i","work_dir":"'$PWD/examples'"}' | gc-session-k8s start mayor
gc-session-k8s is-running mayor
`;

test("from a clone to a session that runs it takes less than three minutes", async () => {
  const { PATH = "", HOME = "" } = process.env;
  const began = performance.now();
  const child = Bun.spawn(["bash", "-euo", "pipefail", "-c", STEPS], {
    cwd: scratch,
    // A cache of its own: whoever clones for the first time has none.
    env: {
      ...namespace.env(),
      ...{ PATH, HOME, REPOSITORY: root, DOLT_IMAGE: doltImage, npm_config_cache: join(scratch, "cache") },
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, exit] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const ms = performance.now() - began;
  expect({ exit, stderr: exit === 0 ? "" : stderr }).toEqual({ exit: 0, stderr: "" });
  expect(stdout).toEndWith("true\n");
  process.stderr.write(`From clone to a running session: ${(ms / 1000).toFixed(1)} s\n`);
  expect(ms).toBeLessThan(WITHIN_MS);
}, 240_000);
