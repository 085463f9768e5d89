import { OperationError, UsageError } from "../provider/errors.ts";
import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { bdJson } from "./bd-row.ts";
import { beadId } from "./bead-id.ts";
import { shellWord } from "./shell.ts";
import { changeBead } from "./store.ts";

/** `dep-add <id> <depends-on> <type>`: one edge between two beads; a repeated one takes the later type. */
export const depAdd: Operation = {
  usage: "<id> <depends-on> <type>",
  help: "Makes the bead depend on another (type `blocks` unless given); where it does already, the type becomes this one.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const [id, target] = [beadId(context), beadId(context, 1)];
    // bd's other names of that type; it keeps, and prints, the one.
    const type = (context.args[2] || "blocks").replace(/^(depends-on|blocked-by)$/, "blocks");
    if (!/^[a-z][-a-z]{0,31}$/.test(type))
      throw new UsageError(`unsupported type of a dependency: ${type.slice(0, 40)}`);
    const what = `make bead "${id}" depend on "${target}"`;
    const [one, other] = [shellWord(id), shellWord(target)];
    const add = `bd dep add ${one} ${other} --type=${type} --json`;
    const stdout = await changeBead(context, id, {
      what,
      body: `must_exist ${one} ${other}
said=$(${add})
code=$?
case $said in
*'already exists with type'*)
  bd dep remove ${one} ${other} --json >&2 && said=$(${add})
  code=$?
  ;;
esac
printf '%s' "$said"
done_with $code`,
    });
    const edge = bdJson(stdout, what) as { issue_id?: unknown; depends_on_id?: unknown; type?: unknown };
    if (edge.issue_id !== id || edge.depends_on_id !== target || edge.type !== type)
      throw new OperationError(`Cannot ${what}: bd made another edge`);
    return undefined;
  },
};
