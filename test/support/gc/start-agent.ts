import type { Agent } from "./agent.ts";
import { answerDialogs } from "./dialogs.ts";
import type { GcProcess } from "./gc-process.ts";

/** What a start looked like from outside. */
export interface StartReport {
  startMs: number;
  /** What `is-running` said while gc was starting, in the order of the questions. */
  running: string[];
  /** What `get-meta GC_SESSION_ID` said meanwhile. */
  sessionIds: string[];
  /** How often a session was running and did not say whose it is. */
  nameless: number;
  /** What gc read while it looked for dialogs. */
  screens: string[];
}

/** Limits of a start; gc's own unless a test is in a hurry. */
export interface StartLimits {
  startupTimeoutMs?: number;
  dialogBudgetMs?: number;
}

const POLL_MS = 200;

/** Starts an agent as the supervisor does; throws what makes gc give the session up. */
export async function startAgent(
  gc: GcProcess,
  agent: Agent,
  config: string,
  { startupTimeoutMs = 60_000, dialogBudgetMs = 8_000 }: StartLimits = {},
): Promise<StartReport> {
  const { session } = agent;
  const began = performance.now();
  await readBefore(gc, session);
  const report: StartReport = { startMs: 0, running: [], sessionIds: [], nameless: 0, screens: [] };
  const polling = pollWhile(gc, session, report);
  try {
    const beforeStart = performance.now();
    const limitMs = startupTimeoutMs - (beforeStart - began);
    await gc.call("start", [session], { stdin: config, limitMs });
    report.startMs = performance.now() - beforeStart;
    if (agent.processNames.length > 0) report.screens = await dialogsOrStop(gc, session, dialogBudgetMs);
  } finally {
    await polling.end();
  }
  const metadata = ["GC_DRAIN_ACK", "GC_DRAIN_ACK_SOURCE", "GC_DRAIN_REASON", "GC_DRAIN_GENERATION"];
  for (const key of metadata) await gc.call("remove-meta", [session, key]);
  await assertOwnRuntime(gc, agent);
  return report;
}

async function readBefore(gc: GcProcess, session: string): Promise<void> {
  for (let i = 0; i < 3; i++) await gc.call("is-running", [session]);
  for (const key of ["GC_DRAIN_ACK", "GC_PROVIDER", "GC_PROVIDER"]) await gc.call("get-meta", [session, key]);
  for (let i = 0; i < 3; i++) await gc.call("is-running", [session]);
  await gc.declares("");
}

/** Other parts of gc go on asking for the name, up to three calls at once. */
function pollWhile(gc: GcProcess, session: string, report: StartReport): { end(): Promise<void> } {
  let isOver = false;
  async function poll(ask: () => Promise<void>): Promise<void> {
    while (!isOver) {
      await ask();
      await Bun.sleep(POLL_MS);
    }
  }
  const polls = Promise.all([
    poll(async () => void report.running.push(await gc.value("is-running", session))),
    poll(async () => void report.sessionIds.push(await gc.value("get-meta", session, "GC_SESSION_ID"))),
    poll(async () => {
      const isRunning = (await gc.value("is-running", session)) === "true";
      if (isRunning && (await gc.value("get-meta", session, "GC_SESSION_ID")) === "") report.nameless++;
    }),
  ]);
  // Reported by `end`; until then a failed poll must not count as unhandled.
  polls.catch(() => undefined);
  return {
    async end() {
      isOver = true;
      await polls;
    },
  };
}

async function dialogsOrStop(gc: GcProcess, session: string, budgetMs: number): Promise<string[]> {
  try {
    return await answerDialogs(gc, session, budgetMs);
  } catch (error) {
    await gc.call("stop", [session]);
    throw new Error("exec provider: dismissing startup dialogs", { cause: error });
  }
}

/** gc takes a runtime that does not name the session for another's: it rolls back, without a stop. */
export async function assertOwnRuntime(gc: GcProcess, { session, sessionId, instanceToken }: Agent): Promise<void> {
  const found = await gc.value("get-meta", session, "GC_SESSION_ID");
  const token = await gc.value("get-meta", session, "GC_INSTANCE_TOKEN");
  if (found === sessionId && token === instanceToken) return;
  throw new Error(`live runtime belongs to another session: "${session}" has the id "${found}", not "${sessionId}"`);
}
