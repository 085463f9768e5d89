import { UsageError } from "../provider/errors.ts";
import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { beadId } from "./bead-id.ts";
import { OWN_KEYS } from "./bead-marker.ts";
import { applyUpdate } from "./update.ts";

/** `set-metadata <id> <key>`: the bytes on stdin are the value, also when there are none. */
export const setMetadata: Operation = {
  usage: "<id> <key>",
  help: "Keeps the text on stdin, byte for byte, under the key of the bead's metadata; an empty text, too.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const value = text(await context.stdin());
    const id = beadId(context);
    const key = context.args[1] ?? "";
    if (key === "" || OWN_KEYS.includes(key)) throw new UsageError(`Cannot set the metadata "${key}"`);
    await applyUpdate(context, id, { metadata: { [key]: value } });
    return undefined;
  },
};

function text(bytes: Uint8Array): string {
  try {
    const value = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!value.includes("\0")) return value;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  throw new UsageError("Cannot keep the value: it must be UTF-8 without NUL bytes");
}
