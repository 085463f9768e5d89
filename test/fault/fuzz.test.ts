import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chanceOf, FAULT_SEED, runsOf } from "./chance.ts";
import { executableUnderTest } from "./fault-ground.ts";
import { fuzzedAnswers, NOT_FOUND } from "./fuzz-answers.ts";
import { mangled } from "./fuzz-data.ts";
import { callCase, eachCase, type FuzzSubject, fuzzedExecs, refused } from "./fuzz-runs.ts";
import { type FuzzServer, fuzzKubeconfig, fuzzServer } from "./fuzz-server.ts";
import { report } from "./report.ts";

const FRAMES = runsOf(1_500, 100);
const KUBECONFIGS = runsOf(2_000, 100);

let server: FuzzServer;
let subject: FuzzSubject;
beforeAll(() => {
  server = fuzzServer();
  subject = { server, path: executableUnderTest() };
});
afterAll(() => server.close());

test(`${FRAMES} fuzzed execs: no crash, no false success (FAULT_SEED=${FAULT_SEED})`, async () => {
  const { problems, counts } = await fuzzedExecs(subject, FRAMES);
  report("fuzz", { kind: "exec", runs: FRAMES, honest: FRAMES - problems.length, proofs: counts.done + counts.absent });
  expect(problems).toEqual([]);
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(0);
}, 240_000);

const ANSWERS = {
  get: runsOf(700, 50),
  list: runsOf(400, 40),
  watch: runsOf(150, 20),
  post: runsOf(250, 30),
};

test.each(Object.keys(ANSWERS) as (keyof typeof ANSWERS)[])(
  `fuzzed answers to %s: no crash, nothing said or done without proof (FAULT_SEED=${FAULT_SEED})`,
  async (kind) => {
    const { problems, proofs } = await fuzzedAnswers(subject, kind, ANSWERS[kind]);
    report("fuzz", { kind, runs: ANSWERS[kind], honest: ANSWERS[kind] - problems.length, proofs });
    expect(problems).toEqual([]);
    expect(proofs).toBeGreaterThan(0);
    expect(proofs).toBeLessThan(ANSWERS[kind]);
  },
  240_000,
);

test(`${KUBECONFIGS} fuzzed kubeconfigs: no crash, no answer without a request (FAULT_SEED=${FAULT_SEED})`, async () => {
  let answers = 0;
  const problems = await eachCase(KUBECONFIGS, 2_000_000, async (number) => {
    const folder = join(server.folder, String(number));
    mkdirSync(folder);
    const kubeconfig = join(folder, "config");
    writeFileSync(kubeconfig, mangled(chanceOf(`kubeconfigs/${number}`), fuzzKubeconfig(server.port)), { mode: 0o600 });
    server.set(number, { answer: () => ({ code: 404, body: Buffer.from(JSON.stringify(NOT_FOUND)) }) });
    const env = { KUBECONFIG: kubeconfig };
    const outcome = await callCase(subject, number, ["is-running", "session"], { env });
    if (outcome.exit !== 0) return refused(outcome);
    answers++;
    return server.requestsOf(number) > 0 && outcome.stdout === "false\n" ? undefined : "an answer that nobody gave";
  });
  report("fuzz", { kind: "kubeconfig", runs: KUBECONFIGS, honest: KUBECONFIGS - problems.length, proofs: answers });
  expect(problems).toEqual([]);
  expect(answers).toBeGreaterThan(0);
}, 240_000);
