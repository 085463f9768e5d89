import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { connectApi } from "../bench/api.ts";
import { NeverTrue, until } from "../conformance/until.ts";
import { clusterStatus } from "../support/cluster.ts";
import { inParallel, runsOf } from "./chance.ts";
import { executableUnderTest, faultGround, type Ground } from "./fault-ground.ts";
import { report } from "./report.ts";
import { type Control, controlOf } from "./soak-control.ts";
import { heldBy } from "./soak-held.ts";
import { driftsOf, EVERY, type Held, leaks, type Sample, slower } from "./soak-judge.ts";

const SESSIONS = Number(process.env["GC_TEST_SOAK_SESSIONS"] ?? runsOf(40, 3));
const PER_SECOND = Number(process.env["GC_TEST_SOAK_RATE"] ?? runsOf(10, 4));
const SECONDS = Number(process.env["GC_TEST_SOAK_SECONDS"] ?? runsOf(1_200, 12));
/** Of so many operations one starts a short-lived session, or stops it. */
const CHURN_EVERY = runsOf(25, 6);
/** A third of the run in so many parts; the quietest one counts. */
const WINDOWS = runsOf(6, 1);
/** Pods start on a node that other tests use, too, which a GET knows nothing of. */
const MOST = { median: runsOf(15, 30) / 10, p95: runsOf(25, 50) / 10 };
const MOST_CHURN = { median: 2 * MOST.median, p95: 2 * MOST.p95 };
const AT_ONCE = 24;
const CONTROL_EVERY = runsOf(4, 1);
/** In a short run the last operations' own time shows in the rate. */
const LEAST_SHARE = runsOf(95, 60) / 100;

/** What gc and people ask of each session, in turn. Their number is prime to that of the sessions: each session gets each. */
const ROUND: { op: string; args: string[]; stdin?: string }[] = [
  { op: "is-running", args: [] },
  { op: "process-alive", args: [], stdin: "bash\n" },
  { op: "get-meta", args: ["key"] },
  { op: "peek", args: ["20"] },
  { op: "get-last-activity", args: [] },
  { op: "set-meta", args: ["key"], stdin: "value" },
  { op: "nudge", args: [], stdin: ":" },
  { op: "is-attached", args: [] },
  { op: "exec", args: [], stdin: "true" },
  { op: "copy-to", args: [import.meta.path, "copied"] },
  { op: "copy-from", args: ["/etc/hostname"] },
  { op: "send-keys", args: ["Enter"] },
  { op: "list-running", args: [] },
];
const CONFIG = JSON.stringify({ command: "bash --norc -i" });

const sessions = Array.from({ length: SESSIONS }, (_, index) => `soak-${index}`);
let ground: Ground;
let control: Control;
beforeAll(async () => {
  ground = await faultGround(executableUnderTest());
  await inParallel(sessions, 2, (session) => ground.ok("start", [session], CONFIG));
  control = await controlOf(ground, sessions[0] ?? "");
}, 600_000);
afterAll(async () => {
  control.close();
  await ground.remove();
}, 60_000);

test(
  `${SESSIONS} sessions, ${PER_SECOND} operations a second, ${SECONDS} s: nothing leaks, nothing slows down`,
  async () => {
    await inParallel(sessions, 2, (session) => call(ROUND[0], session));
    const before = await heldBy(ground);
    const { samples, controls, problems, rate } = await drive(SECONDS * PER_SECOND);
    const after = await calm(before);
    const left = leaks(before, after);
    const kinds = runsOf(1, 0) ? ROUND.map(({ op }) => op) : [];
    const drifts = driftsOf([EVERY, ...kinds], samples, controls, WINDOWS);
    const ofChurn = runsOf(1, 0) ? driftsOf(["start", "stop"], samples, controls, WINDOWS) : [];
    console.log(`${JSON.stringify({ before, after, drifts, ofChurn })}`);
    report("soak", {
      sessions: SESSIONS,
      operations: samples.length,
      "operations a second": Number(rate.toFixed(2)),
      starts: samples.filter(({ kind }) => kind === "start").length,
      failed: problems.length,
      "times as long in the end, median": Number(drifts[0]?.median.toFixed(2)),
      "times as long in the end, p95": Number(drifts[0]?.p95.toFixed(2)),
      leaks: left.length,
    });
    expect(problems).toEqual([]);
    expect(rate).toBeGreaterThanOrEqual(LEAST_SHARE * PER_SECOND);
    expect(left).toEqual([]);
    expect([...slower(drifts, MOST), ...slower(ofChurn, MOST_CHURN)]).toEqual([]);
  },
  (SECONDS + 300) * 1000,
);

test("what a session leaves behind is seen", async () => {
  const before = await heldBy(ground);
  // It becomes a program that takes no note of the child that ends.
  await ground.ok("start", ["planted"], JSON.stringify({ command: "bash -c 'sleep 0.1 & exec sleep 600'" }));
  const { server } = connectApi(await clusterStatus(process.env["GC_TEST_CLUSTER"]));
  const { hostname, port } = new URL(server);
  let unseen = ["pods: ", "zombies: ", "processes: ", "descriptors of kube-apiserver: "];
  await until(async () => {
    // The API server closes what says nothing for half a minute. These are more than the connections of other tests that
    // had to be there before, and what is allowed for the pods that they make meanwhile.
    const sockets = Array.from({ length: 400 }, () => connect(Number(port), hostname).on("error", () => undefined));
    const found = leaks(before, await heldBy(ground));
    for (const socket of sockets) socket.destroy();
    unseen = unseen.filter((begin) => !found.some((line) => line.startsWith(begin)));
    return unseen.length === 0;
  }, 90_000).catch((error: unknown) => {
    if (!(error instanceof NeverTrue)) throw error;
  });
  expect(unseen).toEqual([]);
  await ground.ok("stop", ["planted"]);
  expect(leaks(before, await calm(before))).toEqual([]);
}, 300_000);

/** Makes the calls at their times, whatever the earlier ones take. */
async function drive(total: number) {
  const samples: Sample[] = [];
  const controls: Sample[] = [];
  const problems: string[] = [];
  const running = new Set<Promise<void>>();
  const began = performance.now();
  let brief = Promise.resolve();
  const begin = (work: Promise<void>) => {
    const one = work.finally(() => running.delete(one));
    running.add(one);
    return one;
  };
  const made = async (kind: string, of: ReturnType<typeof call>) => {
    const at = performance.now() - began;
    const { ms, problem } = await of;
    samples.push({ kind, at, ms });
    if (problem) problems.push(problem);
  };
  for (let number = 0; number < total; number++) {
    await Bun.sleep(Math.max(0, began + (number * 1000) / PER_SECOND - performance.now()));
    while (running.size >= AT_ONCE) await Promise.race(running);
    const turn = number / CHURN_EVERY;
    if (Number.isInteger(turn)) {
      const churn = turn % 2 === 0 ? { op: "start", args: [], stdin: CONFIG } : { op: "stop", args: [] };
      brief = begin(brief.then(() => made(churn.op, call(churn, `brief-${Math.floor(turn / 2)}`))));
    } else {
      // Of every kind as many at any time: what else the machine does meanwhile must not look like the drift of one kind.
      const row = ROUND[number % ROUND.length];
      begin(made(row?.op ?? "", call(row, sessions[number % SESSIONS] ?? "")));
    }
    if (number % CONTROL_EVERY === 0) begin(control.sample(began).then((sample) => void controls.push(sample)));
  }
  await Promise.all(running);
  const rate = samples.length / ((performance.now() - began) / 1000);
  // The last one that was started may not have had its turn to be stopped.
  await ground.ok("stop", [`brief-${Math.floor((total - 1) / CHURN_EVERY / 2)}`]);
  return { samples, controls, problems, rate };
}

/** Looks until nothing is left that was not there before, for two minutes at most: other tests end what is theirs. */
async function calm(before: Held): Promise<Held> {
  const end = performance.now() + 120_000;
  let after = await heldBy(ground);
  while (leaks(before, after).length > 0 && performance.now() < end) after = await heldBy(ground);
  return after;
}

async function call(row: (typeof ROUND)[number] | undefined, session: string) {
  const { op, args, stdin } = row ?? { op: "is-running", args: [] };
  const answer = await ground.call({ op, args: [session, ...args], ...(stdin !== undefined && { stdin }) });
  const isFine = answer.exit === 0 && answer.stderr === "";
  return { ms: answer.ms, problem: isFine ? undefined : `${op} ${session}: exit ${answer.exit}: ${answer.stderr}` };
}
