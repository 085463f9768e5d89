import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chanceOf, FAULT_SEED, runsOf } from "./chance.ts";
import { executableUnderTest } from "./fault-ground.ts";
import { mangled, parsed } from "./fuzz-data.ts";
import { callCase, eachCase, fuzzedExecs, refused } from "./fuzz-runs.ts";
import { type FuzzServer, fuzzKubeconfig, fuzzServer } from "./fuzz-server.ts";

const FRAMES = runsOf(1_500, 100);
const ANSWERS = runsOf(1_500, 100);
const KUBECONFIGS = runsOf(2_000, 100);

let server: FuzzServer;
let subject: { server: FuzzServer; path: string };
beforeAll(() => {
  server = fuzzServer();
  subject = { server, path: executableUnderTest() };
});
afterAll(() => server.close());

test(`${FRAMES} fuzzed execs: no crash, no false success (FAULT_SEED=${FAULT_SEED})`, async () => {
  const { problems, counts } = await fuzzedExecs(subject, FRAMES);
  expect(problems).toEqual([]);
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(0);
}, 240_000);

const STATUS = {
  kind: "Status",
  apiVersion: "v1",
  status: "Failure",
  reason: "NotFound",
  code: 404,
  message: 'pods "x" not found',
  details: { name: "x", kind: "pods" },
};

test(`${ANSWERS} fuzzed answers: no crash, "false" only with the API server's word (FAULT_SEED=${FAULT_SEED})`, async () => {
  let falses = 0;
  const problems = await eachCase(ANSWERS, 1_000_000, async (number) => {
    const chance = chanceOf(`answers/${number}`);
    const code = chance.pick([404, 404, 404, 400, 403, 409, 422, 200]);
    const body = chance.below(4) === 0 ? Buffer.from(JSON.stringify(STATUS)) : mangled(chance, STATUS);
    server.set(number, { pod: { code, body } });
    const outcome = await callCase(subject, number, ["is-running", "session"]);
    const status = parsed(body) as { kind?: unknown; reason?: unknown } | null | undefined;
    const isAbsent = code === 404 && status?.kind === "Status" && status.reason === "NotFound";
    if (!isAbsent) return refused(outcome);
    falses++;
    return outcome.exit === 0 && outcome.stdout === "false\n"
      ? undefined
      : `absent, but exit ${outcome.exit}: ${outcome.stderr}`;
  });
  expect(problems).toEqual([]);
  expect(falses).toBeGreaterThan(0);
}, 240_000);

test(`${KUBECONFIGS} fuzzed kubeconfigs: no crash, no answer without a request (FAULT_SEED=${FAULT_SEED})`, async () => {
  let answers = 0;
  const problems = await eachCase(KUBECONFIGS, 2_000_000, async (number) => {
    const folder = join(server.folder, String(number));
    mkdirSync(folder);
    const kubeconfig = join(folder, "config");
    writeFileSync(kubeconfig, mangled(chanceOf(`kubeconfigs/${number}`), fuzzKubeconfig(server.port)), { mode: 0o600 });
    server.set(number, { pod: { code: 404, body: Buffer.from(JSON.stringify(STATUS)) } });
    const outcome = await callCase(subject, number, ["is-running", "session"], { KUBECONFIG: kubeconfig });
    if (outcome.exit !== 0) return refused(outcome);
    answers++;
    return server.requestsOf(number) > 0 && outcome.stdout === "false\n" ? undefined : "an answer that nobody gave";
  });
  expect(problems).toEqual([]);
  expect(answers).toBeGreaterThan(0);
}, 240_000);
