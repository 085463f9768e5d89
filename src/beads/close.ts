import { OperationError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { type BdRow, bdRows } from "./bd-row.ts";
import { beadId } from "./bead-id.ts";
import { goTrim } from "./go-trim.ts";
import { shellWord } from "./shell.ts";
import { changeBead } from "./store.ts";

/** `close <id>`: also one that somebody else works on, and one that is closed. */
export const close: Operation = {
  usage: "<id>",
  help: "Closes the bead; a closed one stays so. Its metadata `close_reason`, where it has one, is the reason.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const id = beadId(context);
    const what = `close bead "${id}"`;
    const first = await rowAfter(context, id, what, () => usualScript(id));
    // A reason that only the bead itself has: the row was looked up, and nothing done yet.
    const isLookedUp = first !== undefined && first.status !== "closed";
    const row = isLookedUp ? await rowAfter(context, id, what, (count) => scriptFor(id, first, count)) : first;
    if (row?.status !== "closed")
      throw new OperationError(`Cannot ${what}: bd says that it is ${row?.status ?? "not there"}`);
    return undefined;
  },
};

async function rowAfter(
  context: Context,
  id: string,
  what: string,
  body: (attempt: number) => string,
): Promise<BdRow | undefined> {
  return bdRows(await changeBead(context, id, { what, body }), what).find((each) => each.id === id);
}

/** Closes for the reason that gc has just set, and which lies beside; prints the row alone where it holds another one.
 * A reason that was used is emptied, which costs no process; the preamble sweeps. */
function usualScript(id: string): string {
  const word = shellWord(id);
  return `must_exist ${word}
reason="$home/reason-"${word}
if [ -s "$reason" ]; then set -- "--reason-file=$reason"; else
  case $found in *'"close_reason":'*) printf '%s' "$found"; done_with 0 ;; esac
  set -- --reason='${NO_REASON}'
fi
bd close --force --json ${word} "$@" && if [ -s "$reason" ]; then : >"$reason"; fi`;
}

const NO_REASON = "closed by gc";

/** The row was looked up just now; only a repetition looks again. */
function scriptFor(id: string, { metadata }: BdRow, attempt: number): string {
  const reason = metadata?.["close_reason"];
  const text = (typeof reason === "string" && goTrim(reason)) || NO_REASON;
  const word = shellWord(id);
  return `${attempt === 0 ? "" : `look_up ${word}\n`}printf '%s' ${shellWord(text)} | bd close --force --json ${word} --reason-file=-`;
}
