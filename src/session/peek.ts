import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { type BoxAnswer, runInBox } from "./box-script.ts";
import { readLastScreen } from "./ended-box.ts";
import { namedSession, type Session } from "./session.ts";

const DEFAULT_LINES = 50;
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/g;

/** `peek <name> <lines>`: what the agent shows; of an ended session, what it showed last. */
export const peek: Operation = {
  usage: "<name> [lines]",
  help: "Prints the agent's screen and `lines` lines of scrollback above it (default 50, 0 or less = all).",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const session = namedSession(context);
    const lines = lineCount(context.args[1]);
    const answer = await capturePane(context, session, lines > 0 ? `-${lines}` : "-");
    if (answer.state === "done") return { stdout: answer.stdout };
    if (answer.state === "ended")
      return { stdout: withoutControls(Buffer.from(await readLastScreen(context, session, lines))) };
    return undefined;
  },
};

/** The screen from line `start` on: `-<lines>` above it, or `-` = all that scrolled off. */
export async function capturePane(context: Context, session: Session, start: string): Promise<BoxAnswer> {
  const answer = await runInBox(context, session, {
    script: `tmux -u capture-pane -p -S "$1" -t "$pane"`,
    args: [start],
    repeatable: true,
    isRead: true,
    isLong: true,
  });
  return answer.state === "done" ? { ...answer, stdout: withoutControls(Buffer.from(answer.stdout)) } : answer;
}

/** People read this on a terminal. A tmux shows no control characters, but the agent may have put another program in its
 * place, and may write to its container's log. Only UTF-8 makes C1 of the bytes from 0x80 to 0x9f. */
function withoutControls(screen: Buffer): Uint8Array {
  return Buffer.from(screen.toString("latin1").replace(CONTROLS, ""), "latin1");
}

/** Upstream takes everything for an argument that is no number; so do we. */
function lineCount(argument: string | undefined): number {
  if (argument === undefined) return DEFAULT_LINES;
  const lines = Number(argument);
  return Number.isInteger(lines) ? Math.min(lines, 1_000_000) : 0;
}
