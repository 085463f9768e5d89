import { OperationError } from "../provider/errors.ts";
import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { runInBox } from "./box-script.ts";
import { METADATA_BYTES, readBoxEnd } from "./ended-box.ts";
import { metaKey } from "./meta-key.ts";
import { namedSession, quoted } from "./session.ts";
import { tmuxArgument } from "./tmux-words.ts";

/** tmux fails for a key that was never set; the second command then tells that from a tmux that does not answer. */
const GET_META = `tmux -u show-environment -t =main -- "$1" 2>/dev/null || tmux -u show-environment -t =main >/dev/null`;

/** `get-meta <name> <key>`: nothing for what is not set; of an ended session, what it had at its end. */
export const getMeta: Operation = {
  usage: "<name> <key>",
  help: "Prints a value of the session's metadata, byte for byte; nothing when it is not set.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const session = namedSession(context);
    const key = metaKey(context);
    const box = { script: GET_META, args: [tmuxArgument(key)], repeatable: true, isRead: true };
    const answer = await runInBox(context, session, box);
    if (answer.state === "done") return valueIn(answer.stdout, key);
    const end = answer.state === "ended" ? await readBoxEnd(context, session) : undefined;
    const value = end && parseMetadata(end.metadata).get(key);
    if (end && value === undefined && end.metadata.length >= METADATA_BYTES)
      throw new OperationError(`Cannot tell "${key}" of ${quoted(session)}: its metadata was cut when it ended`);
    return value === undefined ? undefined : { stdout: Buffer.from(value, "latin1") };
  },
};

/** tmux prints `KEY=value` and a newline of its own, or `-KEY` for a variable that is marked as removed. */
function valueIn(printed: Uint8Array, key: string): { stdout: Uint8Array } | undefined {
  const prefix = Buffer.from(`${key}=`);
  const bytes = Buffer.from(printed);
  return bytes.subarray(0, prefix.length).equals(prefix) ? { stdout: bytes.subarray(prefix.length, -1) } : undefined;
}

/** Reads what `show-environment -s` printed, as byte strings; a last entry that was cut is left out. */
export function parseMetadata(text: string): Map<string, string> {
  const entries = text.matchAll(/^([^\n="]+)="((?:[^"\\]|\\[\s\S])*)"; export \1;$/gm);
  return new Map([...entries].map(([, key = "", value = ""]) => [key, value.replace(/\\([\s\S])/g, "$1")]));
}
