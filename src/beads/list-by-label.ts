import { UsageError } from "../provider/errors.ts";
import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { newestFirst } from "./bead.ts";
import { goTrim } from "./go-trim.ts";
import { csvField } from "./shell.ts";
import { json, listBeads } from "./store.ts";

/** `list-by-label <label> <limit>`: the limit is always 0, and another one is not obeyed either (see `list`). */
export const listByLabel: Operation = {
  usage: "<label> <limit>",
  help: "Prints the beads that have the label, closed ones too, newest first.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const label = context.args[0] ?? "";
    if (label === "") throw new UsageError("missing label");
    // bd takes blanks off a label that it looks for, though not off one that it keeps.
    const filters = ["--all", ...(label === goTrim(label) ? [`--label=${csvField(label)}`] : [])];
    const beads = await listBeads(context, `list the beads with label "${label}"`, filters);
    return json(beads.filter(({ labels }) => labels?.includes(label)).sort(newestFirst));
  },
};
