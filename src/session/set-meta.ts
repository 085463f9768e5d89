import { OperationError, UsageError } from "../provider/errors.ts";
import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { runInBox } from "./box-script.ts";
import { metaKey } from "./meta-key.ts";
import { namedSession } from "./session.ts";
import { tmuxArgument, tmuxQuote } from "./tmux-words.ts";

/** A limit of our own: of all metadata an ended session keeps less than 3 KiB. */
const MOST_BYTES = 12 * 1024;

/** stdin is a command for tmux, because an argument would show the value to everyone who may list processes. tmux would
 * take a value that is cut off for a whole one, but not a condition without its end. What was set is printed, for us to
 * compare. */
const SET_META = `tmux -u source-file - \\; show-environment -t =main -- "$1"`;

/** `set-meta <name> <key>`: the agent's own tmux client sees the value; a missing or ended session is no error. */
export const setMeta: Operation = {
  usage: "<name> <key>",
  help: "Keeps the value on stdin, byte for byte, as metadata of the session.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const value = await context.stdin();
    const session = namedSession(context);
    const key = metaKey(context);
    if (value.includes(0)) throw new UsageError(`Cannot keep the value of "${key}": it holds a NUL byte`);
    if (value.length > MOST_BYTES)
      throw new UsageError(
        `Cannot keep the value of "${key}": it has ${value.length} bytes, and ${MOST_BYTES} is the most`,
      );
    const answer = await runInBox(context, session, {
      script: SET_META,
      args: [tmuxArgument(key)],
      stdin: setEnvironment(key, value),
      repeatable: true,
    });
    const kept = Buffer.concat([Buffer.from(`${key}=`), value, Buffer.from("\n")]);
    if (answer.state === "done" && !kept.equals(answer.stdout))
      throw new OperationError(`Cannot keep the value of "${key}": tmux did not keep it as it is`);
    return undefined;
  },
};

/** tmux's command, which it takes whole or not at all. */
export function setEnvironment(key: string, value: Uint8Array): Uint8Array {
  return Buffer.from(`%if 1\nset-environment -t =main -- ${tmuxQuote(key)} ${tmuxQuote(value)}\n%endif\n`);
}
