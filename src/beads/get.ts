import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { beadOf } from "./bead.ts";
import { absent, beadId } from "./bead-id.ts";
import { findRow, json } from "./store.ts";

/** `get <id>`: the bead of exactly this id, or the fact that there is none. */
export const get: Operation = {
  usage: "<id>",
  help: "Prints the bead; fails with `not found` when the store certainly has none of this id.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const id = beadId(context);
    const row = await findRow(context, id, `get bead "${id}"`);
    if (!row) throw absent(id);
    return json(beadOf(row));
  },
};
