import { OperationError, UsageError } from "../provider/errors.ts";
import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { assertChanged, batch, type EdgeChange } from "./batch.ts";
import { beadId } from "./bead-id.ts";
import { outputOf, runInStore } from "./store.ts";

/** Types of bd 1.2.1, by its own list; `bd batch` would take any word for one. */
const TYPES = new Set([
  ...["approved-by", "assigned-to", "attests", "authored-by", "blocks", "caused-by", "conditional-blocks"],
  ...["delegated-from", "discovered-from", "duplicates", "parent-child", "related", "relates-to", "replies-to"],
  ...["supersedes", "tracks", "until", "validates", "waits-for"],
]);

/** `dep-add <id> <depends-on> <type>`: one edge between two beads; a repeated one takes the later type. */
export const depAdd: Operation = {
  usage: "<id> <depends-on> <type>",
  help: "Makes the bead depend on another (type `blocks` unless given); where it does already, the type becomes this one.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const [id, target] = [beadId(context), beadId(context, 1)];
    // bd's other names of that type; it keeps, and prints, the one.
    const type = (context.args[2] || "blocks").replace(/^(depends-on|blocked-by)$/, "blocks");
    if (!TYPES.has(type)) throw new UsageError(`unsupported type of a dependency: ${type.slice(0, 40)}`);
    const what = `make bead "${id}" depend on "${target}"`;
    // To bd this is something of another project, of which it does not ask whether it is there.
    if (target.startsWith("external:")) throw new OperationError(`Cannot ${what}: there is no bead "${target}"`);
    const change = async (changes: EdgeChange[]) => {
      const answer = await runInStore(context, { what, body: batch(changes) });
      if ("failure" in answer && answer.failure.text.includes("already exists with type")) return false;
      assertChanged(outputOf(answer, what, id), what, changes);
      return true;
    };
    const add: EdgeChange = { op: "add", id, target, type };
    if (await change([add])) return undefined;
    if (await change([{ op: "remove", id, target }, add])) return undefined;
    throw new OperationError(`Cannot ${what}: bd finds another type each time, so somebody else changes it, too`);
  },
};
