import { OperationError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { runInBox } from "./box-script.ts";
import { typeText } from "./nudge.ts";
import { namedSession, quoted, type Session } from "./session.ts";

/** The command comes by stdin and runs from a file, so that no process list shows it. It has no stdin of its own;
 * its exit code is printed behind its output, because the script's own code says whether the box could be used.
 * The output goes through a file: a background process that the command leaves would hold the exec open. */
const EXEC = `umask 077
text=$(cat && echo x)
LC_ALL=C
[ $((\${#text} - 1)) -eq "$1" ] || { echo 'the command arrived incomplete; nothing was run' >&2; exit 1; }
LC_ALL=C.UTF-8
set -C
printf %s "\${text%x}" >"/run/gc/exec-$2"
: >"/tmp/gc-exec-$2"
set +C
code=0
(
  set -- "/run/gc/exec-$2"
  umask 022
  cd -P /run/gc/cwd && . /run/gc/env && exec sh "$1"
) >"/tmp/gc-exec-$2" 2>&1 </dev/null || code=$?
exec 3<"/tmp/gc-exec-$2"
rm -f "/run/gc/exec-$2" "/tmp/gc-exec-$2"
cat <&3
printf '\\0%s' "$code"`;

/** gc buffers the output in memory. */
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;

/** `exec <name>`: runs the shell command on stdin as the agent would: its work directory, its environment. */
export const exec: Operation = {
  usage: "<name>",
  help: "Runs the shell command on stdin in the session's work directory and environment; prints its output, ends with its code.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const command = await context.stdin();
    const session = namedSession(context);
    const text = typedText(Buffer.from(command).toString("latin1"));
    if (text === undefined) return await runCommand(context, session, command);
    const answer = await typeText(context, session, Buffer.from(text, "latin1"), { enter: false });
    if (answer.state !== "done") throw noSession(session);
    return undefined;
  },
};

/** Runs a shell command in the session's work directory and environment. */
export async function runCommand(
  context: Context,
  session: Session,
  command: Uint8Array,
): Promise<{ stdout: Uint8Array; exitCode: number }> {
  // What a command does twice is its own matter, so it is repeated only when it certainly has not begun.
  const answer = await runInBox(context, session, {
    script: EXEC,
    args: [String(command.length), crypto.randomUUID()],
    stdin: command,
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

const SEND_TEXT = ["tmux", "send-keys", "-t", "main", "-l"];

/** The text that gc's own nudge would type by `tmux send-keys -t main -l TEXT`, which loses bytes; undefined for any
 * other command. gc quotes each word, `'\''` standing for a quote. */
export function typedText(command: string): string | undefined {
  const words = [...command.matchAll(/'((?:[^']|'\\'')*)'(?: |$)/g)];
  if (words.map(([whole]) => whole).join("") !== command.trimEnd()) return undefined;
  const texts = words.map(([, word = ""]) => word.replaceAll("'\\''", "'"));
  const isTyping = texts.length === SEND_TEXT.length + 1 && SEND_TEXT.every((word, index) => texts[index] === word);
  return isTyping ? texts.at(-1) : undefined;
}
