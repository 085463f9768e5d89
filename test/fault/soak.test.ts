import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { processesIn } from "../../local-kubernetes/cgroups.ts";
import { clusterStatus } from "../../local-kubernetes/status.ts";
import { localCluster } from "../security/places.ts";
import { inParallel, runsOf } from "./chance.ts";
import { executableUnderTest, faultGround, type Ground } from "./fault-ground.ts";

const SESSIONS = Number(process.env["GC_TEST_SOAK_SESSIONS"] ?? runsOf(40, 3));
const PER_SECOND = Number(process.env["GC_TEST_SOAK_RATE"] ?? runsOf(10, 4));
const SECONDS = Number(process.env["GC_TEST_SOAK_SECONDS"] ?? runsOf(1_200, 12));
/** The last quarter may take so much longer than the first: noise of the machine, not a drift. */
const DRIFT = Number(process.env["GC_TEST_SOAK_DRIFT"] ?? runsOf(15, 30)) / 10;
const COMPONENTS = ["kube-apiserver", "kubelet", "containerd", "etcd"];
/** Watches and connections of the components come and go, those of other tests that run meanwhile, too; in the long run
 * one descriptor lost in twenty operations shows. */
const FEW_DESCRIPTORS = 200 + (SECONDS * PER_SECOND) / 20;

/** What gc asks of each session, pass by pass. */
const ROUND: { op: string; args: string[]; stdin?: string }[] = [
  { op: "is-running", args: [] },
  { op: "process-alive", args: [], stdin: "bash\n" },
  { op: "get-meta", args: ["key"] },
  { op: "peek", args: ["20"] },
  { op: "get-last-activity", args: [] },
  { op: "set-meta", args: ["key"], stdin: "value" },
  { op: "nudge", args: [], stdin: ":" },
  { op: "is-attached", args: [] },
];

const sessions = Array.from({ length: SESSIONS }, (_, index) => `soak-${index}`);
let ground: Ground;
beforeAll(async () => {
  ground = await faultGround(executableUnderTest());
  const config = JSON.stringify({ command: "bash --norc -i" });
  await inParallel(sessions, 2, (session) => ground.ok("start", [session], config));
}, 600_000);
afterAll(() => ground.remove(), 60_000);

test(
  `${SESSIONS} sessions, ${PER_SECOND} operations a second, ${SECONDS} s: nothing leaks, nothing slows down`,
  async () => {
    await inParallel(sessions, 2, (session) => call(session, 0));
    const before = await held();
    const latencies: number[] = [];
    const problems: string[] = [];
    const running = new Set<Promise<void>>();
    const total = SECONDS * PER_SECOND;
    const began = performance.now();
    for (let number = 0; number < total; number++) {
      await Bun.sleep(Math.max(0, began + (number * 1000) / PER_SECOND - performance.now()));
      while (running.size >= 8) await Promise.race(running);
      const one = call(sessions[number % SESSIONS] ?? "", Math.floor(number / SESSIONS)).then(({ ms, problem }) => {
        latencies[number] = ms;
        if (problem) problems.push(problem);
        running.delete(one);
      });
      running.add(one);
    }
    await Promise.all(running);
    const rate = total / ((performance.now() - began) / 1000);
    await Bun.sleep(5_000);
    const after = await held();
    const quarter = Math.floor(total / 4);
    const [first, last] = [median(latencies.slice(0, quarter)), median(latencies.slice(-quarter))];
    console.log(
      `${total} operations, ${rate.toFixed(1)} a second, ${problems.length} failed; median ${first.toFixed(0)} ms in the ` +
        `first quarter, ${last.toFixed(0)} ms in the last; held before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`,
    );
    expect(problems).toEqual([]);
    expect(after.pods).toBe(before.pods);
    expect(after.processes).toBeLessThanOrEqual(before.processes);
    for (const component of COMPONENTS)
      expect((after.descriptors[component] ?? 0) - (before.descriptors[component] ?? 0)).toBeLessThan(FEW_DESCRIPTORS);
    expect(last).toBeLessThan(first * DRIFT);
  },
  (SECONDS + 300) * 1000,
);

async function call(session: string, pass: number): Promise<{ ms: number; problem: string | undefined }> {
  const { op, args, stdin } = ROUND[pass % ROUND.length] ?? { op: "is-running", args: [] };
  const answer = await ground.call({ op, args: [session, ...args], ...(stdin !== undefined && { stdin }) });
  const isFine = answer.exit === 0 && answer.stderr.toString() === "";
  return { ms: answer.ms, problem: isFine ? undefined : `${op} ${session}: exit ${answer.exit}: ${answer.stderr}` };
}

/** What the operations could leave behind. */
async function held() {
  const { components } = await clusterStatus(localCluster().name);
  const uids = (await ground.kubectl("get", "pods", "-o", "jsonpath={.items[*].metadata.uid}")).split(" ");
  const isOurs = (pid: number) => uids.some((uid) => read(`/proc/${pid}/cgroup`).includes(uid));
  let processes = Number.POSITIVE_INFINITY;
  // Boxes wake up now and then; what stays is what is there at the quietest moment.
  for (let look = 0; look < 8; look++) {
    processes = Math.min(processes, processesIn(localCluster().cgroup).filter(({ pid }) => isOurs(pid)).length);
    await Bun.sleep(300);
  }
  const descriptors = COMPONENTS.map((name) => [name, readdirSync(`/proc/${components[name]?.pid}/fd`).length]);
  return { pods: uids.length, processes, descriptors: Object.fromEntries(descriptors) as Record<string, number> };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
