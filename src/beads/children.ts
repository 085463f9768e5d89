import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { oldestFirst } from "./bead.ts";
import { isPossible } from "./bead-id.ts";
import { json, listBeads } from "./store.ts";

/** `children <parent-id>`: whatever their status; of a bead that is not there, none. */
export const children: Operation = {
  usage: "<parent-id>",
  help: "Prints the beads whose parent it is, closed ones too, in the order of their making.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const id = context.args[0] ?? "";
    if (!isPossible(id)) return json([]);
    const beads = await listBeads(context, `list the children of bead "${id}"`, ["--all", `--parent=${id}`]);
    return json(beads.filter(({ parent_id }) => parent_id === id).sort(oldestFirst));
  },
};
