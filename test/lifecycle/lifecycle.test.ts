import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { testNamespace } from "../conformance/namespace.ts";
import { until } from "../conformance/until.ts";
import { nextIncarnation } from "../support/gc/agent.ts";
import { nudgeWhenIdle, submitNow } from "../support/gc/deliver.ts";
import { drain, drainOrphan, finishDrain, undrain } from "../support/gc/drain.ts";
import { readScreen, typeText } from "../support/gc/drive.ts";
import { killSession, stopCity } from "../support/gc/end-session.ts";
import type { GcProcess } from "../support/gc/gc-process.ts";
import { ProviderError } from "../support/gc/reading.ts";
import { observe, queryAbsent } from "../support/gc/reconcile.ts";
import { assertOwnRuntime, type StartReport } from "../support/gc/start-agent.ts";
import { clerk, fixer, makeStage, type Stage } from "./stage.ts";

const namespace = testNamespace();
const stages: Stage[] = [];
/** Most starts here look for dialogs only for a moment; one takes gc's whole 8 s. */
const HURRY = { dialogBudgetMs: 1_000 };

beforeAll(() => namespace.create(), 60_000);
afterAll(() => {
  for (const stage of stages) stage.remove();
  namespace.remove();
}, 60_000);

function stageOf(city: string): Stage {
  const stage = makeStage(namespace, city);
  stages.push(stage);
  return stage;
}

describe.concurrent("driven by gc", () => {
  test("a named session lives, is driven, dies, is started again without a stop, and is stopped", named, 90_000);
  test("pool sessions are started for their beads, drained and gone", pool, 90_000);
  test("an agent that asks at its start gets its answers", dialogs, 90_000);
});

test("no pod is left", async () => {
  expect(namespace.kubectl("get", "pods", "-o", "name")).toBe("");
});

async function named(): Promise<void> {
  const stage = stageOf("named");
  const gc = stage.gc("supervisor");
  const { session } = clerk();
  let agent = clerk();
  expect(await queryAbsent(stage.gc("command"), session)).toBe(false);

  const report = await stage.start(gc, agent);
  assertStartLooksRight(report, agent.sessionId);
  expect(recorded(gc, session)).toEqual(RECORDED_START);
  expect(gc.calls.filter((call) => call === "protocol")).toHaveLength(1);
  const metadata = { GC_RUNTIME_EPOCH: "2", GC_CONTINUATION_EPOCH: "1", GC_ALIAS: "clerk", GC_AGENT: "clerk" };
  for (const [key, value] of Object.entries({ ...metadata, GC_PROVIDER: "", GC_DRAIN_ACK: "" }))
    expect([key, await gc.value("get-meta", session, key)]).toEqual([key, value]);

  const seen = await observe(gc, session, agent.processNames);
  expect(seen).toMatchObject({ isRunning: true, isAlive: true, listed: [session] });
  expect(seen.metadata).toMatchObject({ GC_SESSION_ID: agent.sessionId, suspended: "", GC_DRAIN_ACK: "" });
  expect(Math.abs(Date.now() - Date.parse(seen.lastActivity))).toBeLessThan(60_000);

  const again = nextIncarnation(agent);
  const refused = await gc.call("start", [session], { stdin: stage.config(again) }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ProviderError);
  expect((refused as ProviderError).isExists).toBe(true);
  await assertOwnRuntime(gc, agent);

  await until(async () => (await readScreen(gc, session, 50)).includes("ready-42"));
  const isDelivered = await nudgeWhenIdle(stage.gc("side-car"), session, "hello", { idleMs: 1_000, limitMs: 10_000 });
  expect(isDelivered).toBe(true);
  await until(async () => (await readScreen(gc, session, 50)).includes("- [session] hello"));
  await typeText(gc, session, "clear; sleep 1000; echo late-$((40 + 2))");
  await until(async () => (await readScreen(gc, session, 50)).trim() === "");
  await submitNow(gc, session, "echo now-$((40 + 2))", 500);
  await until(async () => (await readScreen(gc, session, 50)).includes("now-42"));
  expect(await readScreen(gc, session, 50)).not.toContain("late-42");

  const since = await drain(stage.gc("command"), session);
  expect(await gc.value("get-meta", session, "GC_DRAIN")).toBe(since);
  expect(stage.inPod(session, "tmux", "show-environment", "-t", "=main", "GC_DRAIN")).toBe(`GC_DRAIN=${since}\n`);
  await undrain(stage.gc("command"), session);
  expect(await gc.value("get-meta", session, "GC_DRAIN")).toBe("");

  stage.inPod(session, "tmux", "kill-server");
  await until(async () => !(await observe(gc, session, agent.processNames)).isRunning, 4_000);
  agent = nextIncarnation(agent);
  assertStartLooksRight(await stage.start(gc, agent, HURRY), agent.sessionId);
  expect(await gc.value("get-meta", session, "GC_RUNTIME_EPOCH")).toBe("3");

  await killSession(stage.gc("command"), session);
  expect(await queryAbsent(gc, session)).toBe(false);
  agent = nextIncarnation(agent);
  assertStartLooksRight(await stage.start(gc, agent, HURRY), agent.sessionId);
  expect(gc.calls.filter((call) => call.startsWith("stop"))).toEqual([]);
  expect(await stopCity(gc)).toEqual([]);
  assertQuiet(gc);
}

async function pool(): Promise<void> {
  const stage = stageOf("pool");
  const gc = stage.gc("supervisor");
  const first = fixer("tc-36et");
  // This agent reads nothing, so a text for it would only lengthen its start; the first has gc's beacon, as recorded.
  const second = { ...fixer("tc-omce"), promptMode: "arg" as const };
  const third = { ...fixer("tc-lfbn"), promptMode: "arg" as const };
  const reports = await Promise.all([first, second].map((agent) => stage.start(gc, agent, HURRY)));
  assertStartLooksRight(reports[0], first.sessionId);
  assertStartLooksRight(reports[1], second.sessionId);
  expect((await gc.value("list-running", "fixer-tc-3")).split("\n")).toEqual([first.session]);
  expect(await gc.value("get-meta", second.session, "GC_ALIAS")).toBe("app/fixer");
  expect(stage.inPod(first.session, "cat", "/workspace/app/README.md")).toBe("a rig\n");

  stage.inPod(first.session, "tmux", "set-environment", "-t", "=main", "GC_DRAIN_ACK", "1");
  const seen = await observe(gc, first.session, first.processNames);
  expect(seen).toMatchObject({ isAlive: true, metadata: { GC_DRAIN_ACK: "1" } });
  const stopping = finishDrain(gc, first.session);
  const sideCar = stage.gc("side-car");
  const alive = async () => (await sideCar.call("process-alive", [first.session], { stdin: "sleep\nsh" })).value;
  await until(async () => (await alive()) === "false");
  await stopping;
  expect(await queryAbsent(stage.gc("command"), first.session)).toBe(false);
  expect(await nudgeWhenIdle(sideCar, first.session, "x", { idleMs: 0, limitMs: 300 })).toBe(false);
  await assertOwnRuntime(gc, second);

  await drainOrphan(gc, second.session);
  expect(await queryAbsent(gc, second.session)).toBe(false);
  await stage.start(gc, third, HURRY);
  expect(await stopCity(stage.gc("supervisor"))).toEqual([]);
  assertQuiet(gc);
}

async function dialogs(): Promise<void> {
  const stage = stageOf("dialogs");
  const gc = stage.gc("supervisor");
  // gc's keys come one by one; the first text must come after them, or it would choose "No".
  const ask = (title: string) => `printf '${title}\\n❯ 1. No\\n  2. Yes\\n'; read -rsn3 key; read -rsn1; clear`;
  const script = `${ask("Bypass Permissions mode")}; sleep 0.3; ${ask("New MCP server found")}; printf 'got %q\\n❯ ' "$key"
    cat >/tmp/texts`;
  const command = `bash -c '${script.replaceAll("'", "'\\''")}'`;
  const more = { ready_prompt_prefix: "❯ " };
  const agent = { ...clerk(), session: "asking", command, processNames: ["cat"], nudge: "the work", more };
  const { screens } = await stage.start(gc, agent, { dialogBudgetMs: 2_000 });
  const watched = gc.answers.find(({ call }) => call.op === "watch-startup")?.stdout.toString() ?? "";
  // The screen before the answer and the one after it; between the questions nothing changes, and gc goes over to peek.
  expect(watched.trim().split("\n").length).toBeGreaterThan(1);
  expect(watched).toContain("Bypass Permissions mode");
  expect(screens.join("\n")).toContain("New MCP server found");
  expect(screens.at(-1)).toContain("got $'\\E[B'");
  expect(await observe(gc, "asking", ["cat"])).toMatchObject({ isAlive: true });
  const texts = () => stage.inPod("asking", "cat", "/tmp/texts");
  await until(() => texts().endsWith("the work\n"));
  await Bun.sleep(1_000);
  expect(texts()).toMatch(/^\[\S+\] clerk[^\n]*\n\nRun `gc prime`[^\n]*\n\n---\n\nthe work\n$/);
  expect(await stopCity(gc)).toEqual([]);
  assertQuiet(gc);
}

/** While gc starts an agent, other parts of it see it absent first and then present, never back and forth. */
function assertStartLooksRight(report: StartReport | undefined, sessionId: string): void {
  expect(report?.running.join(" ")).toMatch(/^(false )*true( true)*$/);
  expect(report?.nameless).toBe(0);
  expect(report?.sessionIds.join(" ").trim()).toMatch(new RegExp(`^${sessionId}( ${sessionId})*$`));
}

const RECORDED_START = [
  ...["is-running", "is-running", "is-running", "get-meta GC_DRAIN_ACK", "get-meta GC_PROVIDER"],
  ...["get-meta GC_PROVIDER", "is-running", "is-running", "is-running", "protocol"],
];

/** The calls before `start`, without the session's name. */
function recorded(gc: GcProcess, session: string): string[] {
  return gc.calls.slice(0, RECORDED_START.length).map((call) => call.replace(` ${session}`, ""));
}

/** gc never sees what stands on stderr of a success, so there is nothing; and no call came near its limit. */
function assertQuiet(gc: GcProcess): void {
  const limitMs = (op: string) => (op === "start" ? 30_000 : 15_000);
  const noisy = gc.answers.filter(({ call, exit, stderr, ms }) => (exit === 0 && stderr) || ms > limitMs(call.op));
  expect(noisy.map(({ call, stderr, ms }) => [call.op, stderr, ms])).toEqual([]);
}
