import { UsageError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { bdRows } from "./bd-row.ts";
import { isPossible } from "./bead-id.ts";
import { shellWord } from "./shell.ts";
import { findRow, json, outputOf, runInStore } from "./store.ts";

/** One dependency as gc reads it. */
interface Edge {
  issue_id: string;
  depends_on_id: string;
  type: string;
}

/** `dep-list <id> down|up`: gc's cache asks it of each open bead, so it is one bd and no more. */
export const depList: Operation = {
  usage: "<id> down|up",
  help: "Prints what the bead depends on (`down`), or what depends on it (`up`); nothing of a bead that is not there.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const [id = "", direction = "down"] = context.args;
    if (direction !== "down" && direction !== "up")
      throw new UsageError(`unsupported direction: ${direction.slice(0, 40)}`);
    if (id === "") throw new UsageError("missing id of a bead");
    if (!isPossible(id)) return json([]);
    return json(direction === "down" ? await dependencies(context, id) : await dependents(context, id));
  },
};

async function dependencies(context: Context, id: string): Promise<Edge[]> {
  const row = await findRow(context, id, `list the dependencies of bead "${id}"`);
  return (row?.dependencies ?? []).map(({ issue_id, depends_on_id, type }) => ({ issue_id, depends_on_id, type }));
}

/** `bd show` takes the beginning of an id for it, so its answer counts only for the bead that was meant. */
async function dependents(context: Context, id: string): Promise<Edge[]> {
  const what = `list what depends on bead "${id}"`;
  const body = `bd show --json --include-dependents --brief-deps --id=${shellWord(id)}`;
  const answer = await runInStore(context, { what, body });
  if ("failure" in answer && answer.failure.kind === "absent") return assertAbsent(context, id, what);
  const row = bdRows(outputOf(answer, what), what).find((each) => each.id === id);
  if (!row) return assertAbsent(context, id, what);
  const { dependents = [] } = row as unknown as { dependents?: { id: string; dependency_type: string }[] };
  return dependents.map((each) => ({ issue_id: each.id, depends_on_id: id, type: each.dependency_type }));
}

/** bd's fuzzy lookup can miss a bead when its connection breaks half-way; the exact one cannot. */
async function assertAbsent(context: Context, id: string, what: string): Promise<Edge[]> {
  if (!(await findRow(context, id, what))) return [];
  throw new UsageError(`Cannot ${what}: bd found it only at the second look`);
}
