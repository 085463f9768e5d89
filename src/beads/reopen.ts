import { OperationError } from "../provider/errors.ts";
import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { bdRows } from "./bd-row.ts";
import { beadId } from "./bead-id.ts";
import { shellWord } from "./shell.ts";
import { changeBead, findRow } from "./store.ts";

/** `reopen <id>`: also one that is open. */
export const reopen: Operation = {
  usage: "<id>",
  help: "Opens the closed bead again; one that is not closed stays as it is.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const id = beadId(context);
    const what = `reopen bead "${id}"`;
    const look = `look_up ${shellWord(id)}`;
    const reopenClosed = `if row_has status closed; then bd reopen --json ${shellWord(id)}; else printf '%s' "$found"; fi`;
    const stdout = await changeBead(context, id, {
      what,
      // Somebody may have closed it after an attempt whose end is not known.
      body: (_, isUndone) => `${look}\n${isUndone ? reopenClosed : `printf '%s' "$found"`}`,
    });
    // bd says nothing of a bead that somebody else has just opened, so that one is looked at again.
    const rows = stdout.trim() === "" ? [await findRow(context, id, what)] : bdRows(stdout, what);
    const row = rows.find((each) => each?.id === id);
    if (!row || row.status === "closed") throw new OperationError(`Cannot ${what}: bd says that it is still closed`);
    return undefined;
  },
};
