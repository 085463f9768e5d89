import { readFileSync } from "node:fs";
import { sleep } from "../kube/retry.ts";
import { cityOf } from "../pod/environment.ts";
import { projectCommand } from "../pod/paths.ts";
import { errorLine, OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { withAdvice } from "../provider/start-advice.ts";
import { runInBox } from "./box-script.ts";
import { readBoxEnd, readLastScreen } from "./ended-box.ts";
import { runCommand } from "./exec.ts";
import { typeText } from "./nudge.ts";
import { quoted, type Session } from "./session.ts";
import type { StartConfig } from "./start-config.ts";

/** An agent that gc manages has to live so long before it counts as started (upstream's Go provider waits as long). */
const SETTLE_SECONDS = 3;
/** An agent that never shows its prompt gets its text after this time, as upstream gives it at once. */
const PROMPT_SECONDS = 30;
/** gc waits for the start, which an agent that reads no input yet must not hold up: its box presses Enter so much later. */
const FIRST_TEXT_SECONDS = 300;

/** What a start does once the agent runs: set-up commands, the look whether it lives on, the first text.
 * Throws when the agent has died or that could not be seen; a step that fails is noted in the operation log. */
export async function afterLaunch(context: Context, session: Session, config: StartConfig): Promise<void> {
  const tolerant = (step: string, work: () => Promise<unknown>) => tolerate(context, step, work);
  context.log.phase("setup");
  for (const command of config.sessionSetup)
    await tolerant("session_setup", () => setUp(context, session, config, command));
  if (config.sessionSetupScript)
    await tolerant("session_setup_script", () =>
      setUp(context, session, config, readFileSync(config.sessionSetupScript, "utf8")),
    );
  for (const command of config.sessionLive)
    await tolerant("session_live", () => setUp(context, session, config, command));
  if (config.isManaged && config.lifecycle !== "one_shot") await settle(context, session);
  if (config.nudge) await tolerant("nudge", () => typeFirstText(context, session, config));
}

async function tolerate(context: Context, step: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (context.signal.aborted) throw context.signal.reason;
    context.log.warn(`${step}: ${errorLine(error)}`);
  }
}

async function setUp(context: Context, session: Session, config: StartConfig, command: string): Promise<void> {
  const projected = projectCommand(command, cityOf(config.env));
  const { exitCode, stdout } = await runCommand(context, session, new TextEncoder().encode(projected));
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
    if (!end) return new OperationError(died);
    const screen = (await readLastScreen(context, session, 5)).trim().replace(/\s*\n\s*/g, " | ");
    const reason = end.reason ? ` (${withAdvice(end.reason)})` : "";
    const how = end.signal ? `by signal ${end.signal}` : `with exit code ${end.exitCode}`;
    const shown = screen ? `; it showed: ${screen.slice(-500)}` : "";
    return new OperationError(`${died}: its agent ended ${how}${reason}${shown}`);
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    return new OperationError(`${died}: ${error.message}`);
  }
}

async function typeFirstText(context: Context, session: Session, config: StartConfig): Promise<void> {
  context.log.phase("ready");
  if (config.readyPromptPrefix) await waitForPrompt(context, session, config.readyPromptPrefix);
  else if (config.readyDelayMs > 0) await sleep(config.readyDelayMs, context.signal);
  context.log.phase("nudge");
  const typing = { waitForScreen: true, enter: true, goOnSeconds: FIRST_TEXT_SECONDS };
  await typeText(context, session, new TextEncoder().encode(config.nudge), typing);
}

/** Resolves when a line of the screen begins with the prompt, blanks aside, or after the time that it gets. */
async function waitForPrompt(context: Context, session: Session, prefix: string): Promise<void> {
  const script = `export prefix=$1
end=$(($(date +%s) + $2))
while [ "$(date +%s)" -lt "$end" ]; do
tmux -u capture-pane -p -t "$pane" |
awk '{ sub(/^[ \\t]+/, "") } index($0, ENVIRON["prefix"]) == 1 { found = 1 } END { exit !found }' && break
sleep 0.1
done`;
  const args = [prefix.trim(), String(PROMPT_SECONDS)];
  await runInBox(context, session, { script, args, repeatable: true });
}
