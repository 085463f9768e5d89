import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { runInBox } from "./box-script.ts";
import { namedSession } from "./session.ts";

/** `is-attached <name>`: any number of clients counts. */
export const isAttached: Operation = {
  usage: "<name>",
  help: "Prints `true` when somebody is attached to the session's terminal, else `false`.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const answer = await runInBox(context, namedSession(context), {
      script: `tmux display-message -p -t "$pane" '#{session_attached}'`,
      repeatable: true,
      isRead: true,
    });
    const clients = answer.state === "done" ? Number(Buffer.from(answer.stdout).toString()) : 0;
    return { stdout: `${clients > 0}\n` };
  },
};
