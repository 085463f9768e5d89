import { UsageError } from "../provider/errors.ts";
import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { runInBox } from "./box-script.ts";
import { tmuxQuote } from "./identity.ts";
import { metaKey } from "./meta-key.ts";
import { namedSession } from "./session.ts";

/** A tmux command has to fit into one message of its protocol (16 KiB, with the key and the escapes). */
const MOST_BYTES = 12 * 1024;

/** `x` keeps trailing newlines; what was set is read back. tmux gets the value by stdin, because an argument would show it
 * to everyone who may list processes. It comes twice, in tmux's octal escapes and as it is: each program that would make
 * the one of the other costs a millisecond. */
const SET_META = `IFS= read -r octal || :
value=$(cat && echo x) && value=\${value%x}
LC_ALL=C
[ \${#value} -eq "$3" ] || { echo 'the value arrived incomplete' >&2; exit 1; }
LC_ALL=C.UTF-8
read_back=$(printf 'set-environment -t =main -- %s "%s"\\n' "$2" "$octal" |
tmux -u source-file - \\; show-environment -t =main -- "$1" && echo x) && [ "$read_back" = "$1=$value
x" ] || { echo 'tmux did not keep the value as it is' >&2; exit 1; }`;

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
    await runInBox(context, session, {
      script: SET_META,
      args: [key, tmuxQuote(key), String(value.length)],
      stdin: Buffer.concat([octalLine(value), value]),
      repeatable: true,
    });
    return undefined;
  },
};

/** The bytes as tmux's parser takes them in double quotes, and a line end. */
function octalLine(value: Uint8Array): Uint8Array {
  const escapes = Array.from(value, (byte) => `\\${byte.toString(8).padStart(3, "0")}`);
  return new TextEncoder().encode(`${escapes.join("")}\n`);
}
