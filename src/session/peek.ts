import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { runInBox } from "./box-script.ts";
import { readLastScreen } from "./ended-box.ts";
import { namedSession } from "./session.ts";

const DEFAULT_LINES = 50;

/** `peek <name> <lines>`: what the agent shows; of an ended session, what it showed last. */
export const peek: Operation = {
  usage: "<name> [lines]",
  help: "Prints the agent's screen and `lines` lines of scrollback above it (default 50, 0 or less = all).",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const session = namedSession(context);
    const lines = lineCount(context.args[1]);
    const answer = await runInBox(context, session, {
      script: `tmux -u capture-pane -p -S "$1" -t "$pane"`,
      args: [lines > 0 ? `-${lines}` : "-"],
      repeatable: true,
    });
    if (answer.state === "done") return { stdout: answer.stdout };
    if (answer.state === "ended") return { stdout: await readLastScreen(context, session, lines) };
    return undefined;
  },
};

/** Upstream takes everything for an argument that is no number; so do we. */
function lineCount(argument: string | undefined): number {
  if (argument === undefined) return DEFAULT_LINES;
  const lines = Number(argument);
  return Number.isInteger(lines) ? Math.min(lines, 1_000_000) : 0;
}
