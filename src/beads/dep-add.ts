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
    const stdout = await changeBead(context, id, {
      what,
      // bd says what is wrong with the new edge, its type among it, before it says that there is one of another type.
      body: `must_exist ${one} ${other}
said=$(bd dep add ${one} ${other} --type=${type} --json)
code=$?
case $said in
*'already exists with type'*)
  printf '%s\\n' ${retyping(id, target, type).map(shellWord).join(" ")} | bd batch --json
  done_with $?
  ;;
esac
printf '%s' "$said"
done_with $code`,
    });
    const said = bdJson(stdout, what) as Record<string, unknown>;
    const isAdded = said["issue_id"] === id && said["depends_on_id"] === target && said["type"] === type;
    if (!isAdded && !isRetyped(said, id, target)) throw new OperationError(`Cannot ${what}: bd made another edge`);
    return undefined;
  },
};

/** Lines of `bd batch`. They are one transaction, so that the edge is never gone in between. */
function retyping(id: string, target: string, type: string): string[] {
  const ids = `${JSON.stringify(id)} ${JSON.stringify(target)}`;
  return [`dep remove ${ids}`, `dep add ${ids} ${type}`];
}

/** Whether bd says that it ran these lines. */
function isRetyped({ status, results }: Record<string, unknown>, id: string, target: string): boolean {
  const done = Array.isArray(results) ? (results as Record<string, unknown>[]) : [];
  const words = done.map((each) => `${each["op"]} ${each["target"]}`).join(", ");
  return status === "ok" && words === `dep.remove ${id}->${target}, dep.add ${id}->${target}`;
}
