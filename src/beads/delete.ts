import { OperationError, UsageError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { bdJson } from "./bd-row.ts";
import { absent, beadId } from "./bead-id.ts";
import { shellWord } from "./shell.ts";
import { outputOf, runInStore } from "./store.ts";

/** `delete --force <id>`: removes the bead and every edge to and from it; what depended on it stays. */
export const deleteBead: Operation = {
  usage: "--force <id>",
  help: "Removes the bead and its edges for good; what depended on it stays.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    if (context.args[0] !== "--force") throw new UsageError("a bead is deleted for good: say --force before its id");
    await remove(context, beadId(context, 1));
    return undefined;
  },
};

/** What is gone does not come back, so that nothing remembered counts here. */
async function remove(context: Context, id: string): Promise<void> {
  const what = `delete bead "${id}"`;
  const word = shellWord(id);
  let attempts = 0;
  const answer = await runInStore(context, {
    what,
    body(attempt) {
      attempts = attempt;
      return `look_up ${word}\nforget\nbd delete --force --json ${word}\ncode=$?\nforget\n(exit $code)`;
    },
  });
  // Absent after an attempt that may have succeeded is what was asked for.
  if ("failure" in answer && answer.failure.kind === "absent") {
    if (attempts === 0) throw absent(id);
    return;
  }
  const { deleted } = bdJson(outputOf(answer, what, id), what) as { deleted?: unknown };
  if (deleted !== id) throw new OperationError(`Cannot ${what}: bd says that it deleted "${String(deleted)}"`);
}
