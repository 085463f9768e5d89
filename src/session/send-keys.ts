import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { type BoxAnswer, runInBox } from "./box-script.ts";
import { namedSession, type Session } from "./session.ts";
import { tmuxArgument } from "./tmux-words.ts";

/** Pressing twice is not pressing once: the box remembers the operation's id ($1) before it presses.
 * Keys go to copy mode while somebody scrolls; that ends first, so that the agent gets them. */
const SEND_KEYS = `exec 9>>/run/gc/pressed
flock 9
if ! grep -qxF "$1" /run/gc/pressed; then
in_mode=$(tmux display-message -p -t "$pane" '#{pane_in_mode}')
echo "$1" >&9
shift
[ "$in_mode" = 0 ] || tmux send-keys -t "$pane" -X cancel
tmux send-keys -t "$pane" -- "$@"
fi`;

/** `send-keys <name> <key>…`: tmux key names; a missing or ended session is no error. */
export const sendKeys: Operation = {
  usage: "<name> <key>…",
  help: "Presses keys in the agent's terminal, by tmux's names (`Enter`, `Down`, `C-c`); no Enter is added.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const keys = context.args.slice(1);
    const session = namedSession(context);
    if (keys.length > 0) await pressKeys(context, session, keys);
    return undefined;
  },
};

/** `interrupt <name>`: Ctrl-C; a missing or ended session is no error. */
export const interrupt: Operation = {
  usage: "<name>",
  help: "Presses Ctrl-C in the agent's terminal.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    await pressKeys(context, namedSession(context), ["C-c"]);
    return undefined;
  },
};

/** Presses keys once, in the agent's terminal and no mode of tmux. */
export async function pressKeys(context: Context, session: Session, keys: string[]): Promise<BoxAnswer> {
  return await runInBox(context, session, {
    script: SEND_KEYS,
    args: [crypto.randomUUID(), ...keys.map(tmuxArgument)],
    repeatable: true,
  });
}
