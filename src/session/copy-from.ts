import { OperationError, UsageError } from "../provider/errors.ts";
import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { Stdout } from "../provider/stdout.ts";
import { runInBox } from "./box-script.ts";
import { Checksum } from "./checksum.ts";
import copyFromScript from "./copy-from.sh" with { type: "text" };
import { namedSession, quoted } from "./session.ts";

/** gc holds what is printed in memory, and the agent decides how much there is. Nor can the box be held back for a slow
 * reader: Bun's WebSocket takes what comes, so this process holds what is not read yet, and this bounds it. */
const MOST_BYTES = 256 * 1024 * 1024;
/** Room for what stands behind the file's bytes: NUL and their checksum, and what ends every script's output. */
const END_BYTES = 256;

/** `copy-from <name> <path>`: the bytes stream through; a file that did not arrive whole ends with 1. */
export const copyFrom: Operation = {
  usage: "<name> <path>",
  help: "Prints a file of the session; a relative path begins at its work directory.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const session = namedSession(context);
    const path = context.args[1] ?? "";
    if (path === "") throw new UsageError("missing path");
    const checksum = new Checksum();
    const stdout = new Stdout();
    const answer = await runInBox(context, session, {
      script: copyFromScript,
      args: [path],
      repeatable: true,
      withoutAgent: true,
      isLong: true,
      maxBytes: MOST_BYTES,
      sink: {
        keepBytes: END_BYTES,
        take(data) {
          checksum.update(data);
          stdout.write(data);
        },
      },
    });
    if (answer.state !== "done")
      throw new OperationError(`Cannot copy from ${quoted(session)}: it has no running agent`);
    const end = Buffer.from(answer.stdout);
    const at = end.lastIndexOf(0);
    const rest = end.subarray(0, at);
    if (checksum.update(rest).digest() !== end.subarray(at + 1).toString("latin1"))
      throw new OperationError(`Cannot copy "${path}" from ${quoted(session)}: it arrived damaged`);
    stdout.write(rest);
    await stdout.flush(context.signal);
    return undefined;
  },
};
