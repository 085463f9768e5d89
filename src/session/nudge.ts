import { UsageError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { type BoxAnswer, runInBox } from "./box-script.ts";
import nudgeScript from "./nudge.sh" with { type: "text" };
import { namedSession, type Session } from "./session.ts";
import { START_QUESTIONS } from "./start-questions.ts";

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

/** How an agent's first text waits for the agent. */
export interface FirstText {
  /** The caller is answered after so long, and the box goes on. */
  callerMs: number;
  /** Seconds before anything else. */
  delaySeconds: number;
  /** Begin of the line that shows that the agent takes input; "" = any output counts. */
  prompt: string;
  /** Seconds after which it gets the text without that sign. */
  patienceSeconds: number;
  /** Seconds for which it may ask its questions, and again for it to read the text. */
  goOnSeconds: number;
}

/** Types text into the session, and presses Enter behind it when told so. */
export async function typeText(
  context: Context,
  session: Session,
  text: Uint8Array,
  { enter, first }: { enter: boolean; first?: FirstText },
): Promise<BoxAnswer> {
  const bytes = Buffer.from(text);
  if (bytes.includes(0)) throw new UsageError("Cannot type the text: it holds a NUL byte");
  if (bytes.includes(PASTE_END))
    throw new UsageError("Cannot type the text: it holds ESC[201~, which would end the paste and press keys");
  // The box remembers the id, so that a repetition after a lost connection types nothing twice.
  const args = [crypto.randomUUID(), bytes.length, first?.goOnSeconds ?? READ_WITHIN_SECONDS, enter ? "enter" : ""];
  if (first) {
    const { callerMs, delaySeconds, patienceSeconds, prompt } = first;
    args.push(Math.round(callerMs / 100), delaySeconds, patienceSeconds, prompt, START_QUESTIONS.source);
  }
  return await runInBox(context, session, {
    script: nudgeScript,
    args: args.map(String),
    stdin: bytes,
    repeatable: true,
  });
}
