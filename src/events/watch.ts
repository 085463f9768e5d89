import { writeSync } from "node:fs";
import { errorLine, OperationError } from "../provider/errors.ts";
import type { Operation } from "../provider/operation.ts";
import { Stdout } from "../provider/stdout.ts";
import { wholeNumber } from "./age.ts";
import { cityLog } from "./event-log.ts";
import { followLog } from "./follow-log.ts";

const CALLER_LOOK_MS = 1_000;

/** `watch <after-seq>`: one line per event, until the caller ends. */
export const watch: Operation = {
  usage: "<after-seq>",
  help: "Prints each event after the number as one line of JSON, first the retained ones and then each new one; lasts until its reader or its caller ends.",
  deadlineMs: undefined,
  async run({ args, settings, client, signal }) {
    const after = wholeNumber(args[0] ?? "", "the number to watch from");
    const untilGone = AbortSignal.any([signal, callerGone()]);
    const lines = followLog(cityLog(settings, client()), after, {
      signal: untilGone,
      onUnreadable: (name) => tell(`ConfigMap "${name}" holds no event of its number`),
      onTrouble: (error) => tell(errorLine(error)),
    });
    const stdout = new Stdout();
    for await (const line of lines) if (!(await writeLine(stdout, line, untilGone))) break;
    return undefined;
  },
};

/** Aborted when the process that called us has ended: without events nothing else would tell that nobody reads. */
function callerGone(): AbortSignal {
  const controller = new AbortController();
  const caller = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === caller) return;
    clearInterval(timer);
    controller.abort(new OperationError("the calling process has ended"));
  }, CALLER_LOOK_MS);
  return controller.signal;
}

/** False when nobody reads any more. */
async function writeLine(stdout: Stdout, line: string, signal: AbortSignal): Promise<boolean> {
  try {
    stdout.write(line);
    await stdout.flush(signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPIPE") return false;
    throw error;
  }
}

/** Tells a person what goes wrong meanwhile; gc has no ear for it. */
function tell(text: string): void {
  try {
    writeSync(2, `watch: ${text}\n`);
  } catch {
    // Nobody listens, and the events matter more.
  }
}
