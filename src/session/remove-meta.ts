import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { runInBox } from "./box-script.ts";
import { metaKey } from "./meta-key.ts";
import { namedSession } from "./session.ts";
import { tmuxArgument } from "./tmux-words.ts";

/** `remove-meta <name> <key>`: a missing or ended session is no error. */
export const removeMeta: Operation = {
  usage: "<name> <key>",
  help: "Forgets a value of the session's metadata.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const session = namedSession(context);
    const script = `tmux set-environment -u -t =main -- "$1"`;
    await runInBox(context, session, { script, args: [tmuxArgument(metaKey(context))], repeatable: true });
    return undefined;
  },
};
