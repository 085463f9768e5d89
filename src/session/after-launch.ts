import { readFileSync } from "node:fs";
import { cityOf } from "../pod/environment.ts";
import { projectCommand } from "../pod/paths.ts";
import { errorLine, OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { withAdvice } from "../provider/start-advice.ts";
import { runInBox } from "./box-script.ts";
import { ifReadable, readBoxEnd, readLastScreen } from "./ended-box.ts";
import { runCommand } from "./exec.ts";
import { typeText } from "./nudge.ts";
import { quoted, type Session } from "./session.ts";
import type { StartConfig } from "./start-config.ts";
import { projectTarget } from "./tmux-words.ts";
import { deletedWhileStarting } from "./wait-running.ts";

/** An agent that gc manages has to live so long before it counts as started (upstream's Go provider waits as long). */
const SETTLE_SECONDS = 3;
/** An agent that never shows its prompt gets its text after this time, as upstream gives it at once. */
const PROMPT_SECONDS = 30;
/** One whose prompt is unknown gets it when it has shown something, or after this time. */
const OUTPUT_SECONDS = 2;
/** gc waits for the start, which an agent that is not ready yet must not hold up. */
const FIRST_TEXT_MS = 3_000;
/** The agent's questions may take so long, and its reading the text again. */
const GO_ON_SECONDS = 300;
/** A step that nothing depends on may last so long; upstream ends a set-up command after as much. */
const STEP_SECONDS = 10;
/** All of them together get so long, and less after a start that has lasted long: gc kills it 58 s after its begin. */
const STEPS_MS = { most: 20_000, least: 5_000, overAt: 45_000 };

/** What a start does once the agent runs: set-up commands, the look whether it lives on, the first text.
 * Throws when the agent has died or that could not be seen; a step that fails is noted in the operation log. */
export async function afterLaunch(context: Context, session: Session, config: StartConfig): Promise<void> {
  context.log.phase("setup");
  await setUp(context, session, config);
  if (config.isManaged && config.lifecycle !== "one_shot") await settle(context, session);
  if (config.nudge) await tolerate(context, "nudge", () => typeFirstText(context, session, config));
}

async function tolerate(context: Context, step: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (context.signal.aborted) throw context.signal.reason;
    context.log.warn(`${step}: ${errorLine(error)}`);
  }
}

/** Runs the set-up commands one after another, as far as their time allows. */
async function setUp(context: Context, session: Session, config: StartConfig): Promise<void> {
  const { sessionSetup, sessionSetupScript: file, sessionLive } = config;
  const steps: [string, () => string][] = [
    ...sessionSetup.map((command): [string, () => string] => ["session_setup", () => command]),
    ...(file ? [["session_setup_script", () => readFileSync(file, "utf8")] as [string, () => string]] : []),
    ...sessionLive.map((command): [string, () => string] => ["session_live", () => command]),
  ];
  const names = [config.env["GC_SESSION_NAME"] ?? "", session.session];
  const inBox = (command: string) => names.reduce(projectTarget, projectCommand(command, cityOf(config.env)));
  // Counted from the start of this process, as gc does.
  const now = performance.now();
  const end = now + Math.max(STEPS_MS.least, Math.min(STEPS_MS.most, STEPS_MS.overAt - now));
  for (const [step, command] of steps)
    await tolerate(context, step, async () => {
      const limitSeconds = Math.min(STEP_SECONDS, Math.ceil((end - performance.now()) / 1000));
      if (limitSeconds <= 0) throw new OperationError("not run: the steps before it took too long");
      await runStep(context, session, inBox(command()), limitSeconds);
    });
}

async function runStep(context: Context, session: Session, command: string, limitSeconds: number): Promise<void> {
  const { exitCode, stdout } = await runCommand(context, session, new TextEncoder().encode(command), limitSeconds);
  // The text of a command may hold a secret; its output's last line tells enough.
  const last = new TextDecoder()
    .decode(stdout as Uint8Array)
    .trim()
    .split("\n")
    .at(-1);
  if (exitCode !== 0) throw new OperationError(`a command ended with ${exitCode}: ${last?.slice(0, 200)}`);
}

/** Looks for a while whether the agent lives; one that does not is a start that failed. */
async function settle(context: Context, session: Session): Promise<void> {
  context.log.phase("settle");
  const script = `end=$(($(date +%s) + $1))
while [ "$(date +%s)" -lt "$end" ]; do
sleep 0.1
dead=$(tmux display-message -p -t "$pane" '#{pane_dead}')
[ "$dead" = 0 ] || exit 114
done`;
  const answer = await runInBox(context, session, { script, args: [String(SETTLE_SECONDS)], repeatable: true });
  if (answer.state !== "done") throw await diedDuringStartup(context, session);
}

async function diedDuringStartup(context: Context, session: Session): Promise<OperationError> {
  const died = `${quoted(session)} died during startup`;
  try {
    const end = await readBoxEnd(context, session);
    // A caller that reads "died" gives up what the agent could resume; this agent was well until its session was stopped.
    if (!end || (end.cause === "stopped" && !end.reason)) return deletedWhileStarting(session);
    const screen = (await lastScreen(context, session)).trim().replace(/\s*\n\s*/g, " | ");
    const how = end.signal ? `signal ${end.signal}` : `exit code ${end.exitCode}`;
    const told = end.reason ? `${how} (${withAdvice(end.reason)})` : withAdvice(how);
    const shown = screen ? `; it showed: ${screen.slice(-500)}` : "";
    return new OperationError(`${died}: its agent ended ${end.signal ? "by" : "with"} ${told}${shown}`);
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    return new OperationError(`${died}: ${error.message}`);
  }
}

/** An evicted pod has no log; how it ended is worth telling without. */
async function lastScreen(context: Context, session: Session): Promise<string> {
  return (await ifReadable(context, () => readLastScreen(context, session, 5))) ?? "";
}

/** The agent may have questions first, which gc answers only after the start: the box goes on without it. */
async function typeFirstText(context: Context, session: Session, config: StartConfig): Promise<void> {
  context.log.phase("nudge");
  const { readyPromptPrefix, readyDelayMs, nudge } = config;
  const prompt = readyPromptPrefix.trim();
  const delayMs = prompt ? 0 : readyDelayMs;
  const first = {
    callerMs: delayMs < FIRST_TEXT_MS ? FIRST_TEXT_MS : 0,
    delaySeconds: delayMs / 1000,
    prompt,
    patienceSeconds: prompt ? PROMPT_SECONDS : OUTPUT_SECONDS,
    goOnSeconds: GO_ON_SECONDS,
  };
  await typeText(context, session, new TextEncoder().encode(nudge), { enter: true, first });
}
