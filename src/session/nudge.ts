import { UsageError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { type BoxAnswer, runInBox } from "./box-script.ts";
import nudgeScript from "./nudge.sh" with { type: "text" };
import { namedSession, type Session } from "./session.ts";

/** `nudge <name>`: a missing or ended session is no error, as the contract says. */
export const nudge: Operation = {
  usage: "<name>",
  help: "Pastes the text on stdin into the agent's terminal, byte for byte, and presses Enter once the agent has read it.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const text = await context.stdin();
    await typeText(context, namedSession(context), text, { enter: true });
    return undefined;
  },
};

const PASTE_END = Buffer.from("\x1b[201~");
/** The agent gets so long to read the text before Enter is given up, in seconds. */
const READ_WITHIN_SECONDS = 20;

/** How a text is typed. */
export interface Typing {
  /** Lets an agent that has just started show something first. */
  waitForScreen?: boolean;
  /** Presses Enter once the agent has read the text. */
  enter: boolean;
  /** Seconds for which the box goes on waiting for the agent to read the text when the caller has been answered. */
  goOnSeconds?: number;
}

/** Types text into the session. */
export async function typeText(
  context: Context,
  session: Session,
  text: Uint8Array,
  { waitForScreen = false, enter, goOnSeconds }: Typing,
): Promise<BoxAnswer> {
  const bytes = Buffer.from(text);
  if (bytes.includes(0)) throw new UsageError("Cannot type the text: it holds a NUL byte");
  if (bytes.includes(PASTE_END))
    throw new UsageError("Cannot type the text: it holds ESC[201~, which would end the paste and press keys");
  // The box remembers the id, so that a repetition after a lost connection types nothing twice.
  const id = crypto.randomUUID();
  const waits = [waitForScreen ? "wait" : "", enter ? "enter" : "", String(goOnSeconds ?? "")];
  const args = [id, String(bytes.length), String(READ_WITHIN_SECONDS), ...waits];
  return await runInBox(context, session, { script: nudgeScript, args, stdin: bytes, repeatable: true });
}
