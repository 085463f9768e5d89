import { OperationError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { runInBox } from "./box-script.ts";
import execScript from "./exec.sh" with { type: "text" };
import { safeWay } from "./safe-ways.ts";
import { namedSession, quoted, type Session } from "./session.ts";

/** gc buffers the output in memory. */
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;
/** Follows the command: a stream that was cut has none. */
const END = Buffer.from("end\n");
/** The operation's deadline less what it takes to get there and back. */
const LIMIT_SECONDS = DRIVE_DEADLINE_MS / 1000 - 2;

/** `exec <name>`: runs the shell command on stdin as the agent would: its work directory, its environment. */
export const exec: Operation = {
  usage: "<name>",
  help: "Runs the shell command on stdin in the session's work directory and environment; prints its output, ends with its code.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const command = await context.stdin();
    const session = namedSession(context);
    const drive = safeWay(Buffer.from(command).toString("latin1"));
    if (!drive) return await runCommand(context, session, command, LIMIT_SECONDS);
    const answer = await drive(context, session);
    if (answer.state !== "done") throw noSession(session);
    return { stdout: answer.stdout };
  },
};

/** Runs a shell command in the session's work directory and environment, for so many seconds at most. */
export async function runCommand(
  context: Context,
  session: Session,
  command: Uint8Array,
  limitSeconds: number,
): Promise<{ stdout: Uint8Array; exitCode: number }> {
  // What a command does twice is its own matter, so it is repeated only when it certainly has not begun.
  const answer = await runInBox(context, session, {
    script: execScript,
    args: [command.length, crypto.randomUUID(), limitSeconds, MOST_OUTPUT_BYTES].map(String),
    stdin: Buffer.concat([command, END]),
    keepsStdin: true,
    repeatable: false,
    withoutAgent: true,
    maxBytes: MOST_OUTPUT_BYTES,
  });
  if (answer.state !== "done") throw noSession(session);
  const output = Buffer.from(answer.stdout);
  const end = output.lastIndexOf(0);
  return { stdout: output.subarray(0, end), exitCode: Number(output.subarray(end + 1).toString()) };
}

/** The contract leaves open what a missing box answers; a failure with a text harms least. */
function noSession(session: Session): OperationError {
  return new OperationError(`Cannot run a command in ${quoted(session)}: it has no running agent`);
}
