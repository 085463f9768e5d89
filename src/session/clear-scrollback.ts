import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { runInBox } from "./box-script.ts";
import { namedSession } from "./session.ts";

/** `clear-scrollback <name>`: a missing or ended session is no error. */
export const clearScrollback: Operation = {
  usage: "<name>",
  help: "Forgets the lines that have scrolled off the agent's screen.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    await runInBox(context, namedSession(context), { script: `tmux clear-history -t "$pane"`, repeatable: true });
    return undefined;
  },
};
