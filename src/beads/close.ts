import { OperationError } from "../provider/errors.ts";
import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { bdRows } from "./bd-row.ts";
import { beadId } from "./bead-id.ts";
import { shellWord } from "./shell.ts";
import { changeBead } from "./store.ts";

/** `close <id>`: also one that somebody else works on, and one that is closed. */
export const close: Operation = {
  usage: "<id>",
  help: "Closes the bead; a closed one stays so. Its metadata `close_reason`, when gc has just set that, is the reason.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const id = beadId(context);
    const what = `close bead "${id}"`;
    const word = shellWord(id);
    const stdout = await changeBead(context, id, {
      what,
      body: `must_exist ${word}
reason="$home/reason-"${word}
if [ -s "$reason" ]; then set -- "--reason-file=$reason"; else set -- --reason='closed by gc'; fi
bd close --force --json ${word} "$@" && rm -f "$reason"`,
    });
    const row = bdRows(stdout, what).find((each) => each.id === id);
    if (row?.status !== "closed")
      throw new OperationError(`Cannot ${what}: bd says that it is ${row?.status ?? "not there"}`);
    return undefined;
  },
};
