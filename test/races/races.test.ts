import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../conformance/until.ts";
import { FAULT_SEED } from "../fault/chance.ts";
import { report } from "../fault/report.ts";
import type { PodRecord } from "../support/gc/pod-history.ts";
import type { Answer } from "../support/gc/provider-process.ts";
import { watchedNamespace } from "../support/gc/watched-namespace.ts";
import { contradictions, type Event, mustRun } from "./model.ts";
import { randomFrom, randomSchedule, type Schedule } from "./schedule.ts";

const ROUNDS = Number(process.env["GC_TEST_ROUNDS"] ?? 5);
const SCHEDULES = Number(process.env["GC_TEST_SCHEDULES"] ?? 20);
/** Of so many schedules one is left to itself at its end, without a stop. */
const LEFT_EVERY = 4;
const CONFIG = JSON.stringify({ command: "exec sleep 3600" });

/** A box that nobody launches ends itself within a minute of its start. */
const BOX_ENDS_WITHIN_MS = 75_000;

const field = watchedNamespace();
const logs = mkdtempSync(join(tmpdir(), "races-"));
beforeAll(() => field.create(), 60_000);
afterAll(() => {
  rmSync(logs, { recursive: true });
  field.remove();
}, 60_000);

test(
  `of 16 starts of one name at once exactly one wins, ${ROUNDS} times`,
  async () => {
    const winnersOfRounds: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const answers = await Promise.all(
        Array.from({ length: 16 }, () => field.gc().begin("start", ["one"], { stdin: CONFIG }).done),
      );
      winnersOfRounds.push(answers.filter(({ exit }) => exit === 0).length);
      for (const { exit, stderr } of answers) if (exit !== 0) assertLost(exit, stderr);
      expect(await field.gc().value("is-running", "one")).toBe("true");
      const pods = field.history().of("one");
      expect(pods).toHaveLength(round);
      expect(pods.filter(({ deletionAtMs }) => deletionAtMs === undefined)).toHaveLength(1);
      await field.stopAll(["one"]);
    }
    expect(winnersOfRounds).toEqual(winnersOfRounds.map(() => 1));
  },
  20_000 + ROUNDS * 15_000,
);

test("starts that are interrupted while another one is under way leave that one's pod alone", async () => {
  const pods = () => field.history().of("first");
  const first = field.gc().begin("start", ["first"], { stdin: CONFIG });
  await until(() => pods().length > 0);
  const others = Array.from({ length: 4 }, () => field.gc().begin("start", ["first"], { stdin: CONFIG }));
  await Bun.sleep(250);
  for (const other of others) other.signal("SIGINT");
  expect((await first.done).exit).toBe(0);
  for (const { done } of others) expect((await done).exit).not.toBe(0);
  await Bun.sleep(1_000);
  expect(pods().map(({ deletionAtMs }) => deletionAtMs)).toEqual([undefined]);
  expect(await field.gc().value("is-running", "first")).toBe("true");
  await field.stopAll(["first"]);
}, 60_000);

test("30 starts of distinct names at once all run or are clearly refused, and none leaks", async () => {
  const names = Array.from({ length: 30 }, (_, index) => `many-${index}`);
  const answers = await Promise.all(names.map((name) => field.gc().begin("start", [name], { stdin: CONFIG }).done));
  const running = (await field.gc().value("list-running", "many-")).split("\n");
  const won = names.filter((_, index) => answers[index]?.exit === 0);
  expect(running.sort()).toEqual(won.sort());
  expect(won.length).toBeGreaterThan(0);
  for (const answer of answers) if (answer.exit !== 0) assertRefused(answer);
  for (const name of names) {
    const pods = field.history().of(name);
    expect([name, pods.length, pods.filter(({ goneAtMs }) => !goneAtMs).length]).toEqual([
      name,
      1,
      won.includes(name) ? 1 : 0,
    ]);
  }
  await field.stopAll(names);
  expect(await field.gc().value("list-running", "many-")).toBe("");
}, 120_000);

test(
  `starts and stops of three clients in any order, some of them killed, contradict nothing (${SCHEDULES} schedules, FAULT_SEED=${FAULT_SEED})`,
  async () => {
    await field.gc().call("start", ["mixed-0_x"], { stdin: CONFIG });
    const random = randomFrom(FAULT_SEED);
    const schedules = Array.from({ length: SCHEDULES }, () => randomSchedule(random, 3));
    const queue = [...schedules.entries()];
    const problems: string[] = [];
    const playSome = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) problems.push(...(await play(...next)));
    };
    await Promise.all(Array.from({ length: 7 }, playSome));
    const acts = schedules.flat(2);
    report("interleavings", {
      schedules: SCHEDULES,
      calls: acts.length,
      "of these to be killed midway": acts.filter(({ killedAfterMs }) => killedAfterMs !== undefined).length,
      pods: schedules.flatMap((_, index) => field.history().of(sessionOf(index))).length,
      contradictions: problems.length,
    });
    expect(problems).toEqual([]);
    // Its label is that of "mixed-0-x", its name begins as the others do: nothing may have touched it.
    const bystander = field.history().of("mixed-0_x");
    expect(bystander.map(({ phase, deletionAtMs }) => [phase, deletionAtMs])).toEqual([["Running", undefined]]);
    await field.stopAll(["mixed-0_x"]);
    expect(
      field
        .history()
        .all()
        .filter(({ goneAtMs }) => !goneAtMs),
    ).toEqual([]);
  },
  30_000 + SCHEDULES * 10_000,
);

function sessionOf(index: number): string {
  return `mixed-${index}-x`;
}

/** Plays one schedule on a session of its own and says what cannot have been. */
async function play(index: number, schedule: Schedule): Promise<string[]> {
  const name = sessionOf(index);
  const events: Event[] = [];
  async function client(acts: Schedule[number]): Promise<void> {
    for (const { pauseMs, op, killedAfterMs } of acts) {
      await Bun.sleep(pauseMs);
      const fromMs = performance.now();
      const log = join(logs, crypto.randomUUID());
      const call = field.gc({ GC_K8S_LOG: log }).begin(op, [name], op === "start" ? { stdin: CONFIG } : {});
      const killer = killedAfterMs === undefined ? 0 : setTimeout(() => call.signal("SIGKILL"), killedAfterMs);
      const { exit, signal, stderr } = await call.done;
      clearTimeout(killer);
      const killed = signal === "SIGKILL";
      const podUid = exit === 0 && op === "start" ? String(JSON.parse(readFileSync(log, "utf8")).podUid) : "";
      events.push({ op, fromMs, toMs: performance.now(), exit, stderr: stderr.trim(), killed, podUid });
    }
  }
  await Promise.all(schedule.map(client));
  const runs = (await field.gc().value("is-running", name)) === "true";
  const problems = await untilSeen(name, events);
  problems.push(...contradictions(events, field.history().of(name)));
  const expected = mustRun(events);
  if (expected !== undefined && runs !== expected) problems.push(`it runs: ${runs}, but that must be ${expected}`);
  // The API shows the end of a box whose launch was never committed a moment late.
  await until(() => isAliveOrGone(name)).catch(() => problems.push("it is said to run, but its agent does not"));
  if (index % LEFT_EVERY === 0)
    await until(() => field.history().of(name).every(hasEndedOrIsLaunched), BOX_ENDS_WITHIN_MS).catch(() =>
      problems.push("a box that nobody launched does not end by itself"),
    );
  await field.stopAll([name]);
  return problems.map((problem) => `${name} ${JSON.stringify(schedule)}: ${problem}`);
}

/** The watch may be behind the answers. Resolves with what it has not seen of them even then. */
async function untilSeen(name: string, events: Event[]): Promise<string[]> {
  const won = events.flatMap(({ podUid }) => podUid || []);
  const isSeen = (uid: string) =>
    field
      .history()
      .of(name)
      .some((pod) => pod.uid === uid && pod.launchedAtMs !== undefined);
  return await until(() => won.every(isSeen)).then(
    () => [],
    () => ["a start won a pod that nobody saw launched"],
  );
}

function hasEndedOrIsLaunched({ goneAtMs, phase, launchedAtMs }: PodRecord): boolean {
  return goneAtMs !== undefined || launchedAtMs !== undefined || phase === "Failed" || phase === "Succeeded";
}

async function isAliveOrGone(name: string): Promise<boolean> {
  if ((await field.gc().value("is-running", name)) === "false") return true;
  return (await field.gc().call("process-alive", [name], { stdin: "sleep" })).value === "true";
}

function assertLost(exit: number | undefined, stderr: string): void {
  expect(exit).toBe(1);
  expect(stderr).toMatch(/^.*(already exists|is being started by another call).*\n$/);
}

/** A refusal is one line that says what stood in the way. */
function assertRefused({ exit, stderr }: Answer): void {
  expect(exit).toBe(1);
  expect(stderr).toMatch(/^start: .*(Unschedulable|quota|OutOf|too many|429).*\n$/i);
}
