import { OperationError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS } from "../provider/operation.ts";
import { attachScope } from "./attach-scope.ts";
import { type BdAnswer, type BdScript, runBd } from "./bd.ts";
import { type BdRow, bdRows } from "./bd-row.ts";
import { type Bead, beadOf } from "./bead.ts";
import { absent } from "./bead-id.ts";
import { scopeOf } from "./city.ts";
import { shellWord } from "./shell.ts";

/** A script that runs in the scope that the environment names. */
export interface StoreScript {
  /** What is attempted, for errors. */
  what: string;
  /** Shell text without its `done_with`; undefined for an attempt that must not be made. */
  body: string | BdScript["body"];
  /** A store that is not there yet may be made for it. */
  mayMakeStore?: boolean;
}

/** Runs bd in the scope that the environment names; its answer may be a failure. */
export function runInStore(context: Context, { what, body, mayMakeStore }: StoreScript): Promise<BdAnswer> {
  const scope = scopeOf(context);
  const of = typeof body === "string" ? () => body : body;
  return runBd(context, {
    city: scope.city,
    scope: scope.prefix,
    what,
    body(attempt, isUndone) {
      const text = of(attempt, isUndone);
      return text === undefined ? undefined : `${text}\ndone_with $?`;
    },
    attach: () => attachScope(context, scope, DRIVE_DEADLINE_MS, mayMakeStore),
  });
}

/** Like `runInStore` for a script about one bead: throws the fact that it is absent, or why bd failed. */
export async function changeBead(context: Context, id: string, script: StoreScript): Promise<string> {
  return outputOf(await runInStore(context, script), script.what, id);
}

/** The output of a bd that succeeded; throws what it failed for. `id` = the bead that is meant when one is absent. */
export function outputOf(answer: BdAnswer, what: string, id?: string): string {
  if ("stdout" in answer) return answer.stdout;
  const { failure } = answer;
  if (failure.kind !== "absent") throw new OperationError(`Cannot ${what}: ${failure.text}`);
  // The bead that is to be changed must not seem gone because one that its change names is.
  if (id !== undefined && (failure.id === id || failure.id === "")) throw absent(id);
  throw new OperationError(`Cannot ${what}: there is no bead "${failure.id}"`);
}

/** Beads as `bd list` selects them, whatever their kind and tier. */
export async function listBeads(context: Context, what: string, filters: string[]): Promise<Bead[]> {
  return (await listRows(context, what, filters)).map(beadOf);
}

/** The filter that leaves out closed beads alone; the runner knows the other statuses. */
export const NOT_CLOSED = '"--status=$not_closed"';

/** Rows of `bd list`, whatever their kind and tier. */
export async function listRows(context: Context, what: string, filters: string[]): Promise<BdRow[]> {
  const words = filters.map((filter) => (filter === NOT_CLOSED ? filter : shellWord(filter)));
  const body = `list_beads ${words.join(" ")}`;
  return bdRows(outputOf(await runInStore(context, { what, body }), what), what);
}

/** The row whose id is exactly this one; bd's own lookup would take the beginning of an id for it. */
export async function findRow(context: Context, id: string, what: string): Promise<BdRow | undefined> {
  const rows = await listRows(context, what, ["--all", `--id=${id}`]);
  return rows.find((row) => row.id === id);
}

/** JSON with a newline at its end, as bd and jq print it. */
export function json(value: unknown): { stdout: string } {
  return { stdout: `${JSON.stringify(value)}\n` };
}
