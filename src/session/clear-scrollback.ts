import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { type BoxAnswer, runInBox } from "./box-script.ts";
import { namedSession, type Session } from "./session.ts";

/** `clear-scrollback <name>`: a missing or ended session is no error. */
export const clearScrollback: Operation = {
  usage: "<name>",
  help: "Forgets the lines that have scrolled off the agent's screen.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    await clearHistory(context, namedSession(context));
    return undefined;
  },
};

/** Forgets what has scrolled off. */
export async function clearHistory(context: Context, session: Session): Promise<BoxAnswer> {
  return await runInBox(context, session, { script: `tmux clear-history -t "$pane"`, repeatable: true });
}
