import { OperationError } from "../provider/errors.ts";
import { bdJson } from "./bd-row.ts";
import { shellWord } from "./shell.ts";

/** A line of `bd batch`. */
export interface EdgeChange {
  op: "add" | "remove";
  id: string;
  target: string;
  /** For `add` alone. */
  type?: string;
}

/** Shell text that makes all of the changes in one transaction, by one bd. Its `batch` takes ids as they are; its other
 * commands would take one for the beginning of another. It does not know which types there are. */
export function batch(changes: EdgeChange[]): string {
  const lines = changes.map(({ op, id, target, type }) =>
    ["dep", op, quoted(id), quoted(target), ...(type ? [type] : [])].join(" "),
  );
  return `printf '%s\\n' ${lines.map(shellWord).join(" ")} | bd batch --json`;
}

/** Throws unless bd says that it made just these changes. */
export function assertChanged(stdout: string, what: string, changes: EdgeChange[]): void {
  const { status, results } = bdJson(stdout, what) as { status?: unknown; results?: unknown };
  const done = Array.isArray(results) ? (results as { op?: unknown; target?: unknown }[]) : [];
  const asked = changes.map(({ op, id, target }) => `dep.${op} ${id}->${target}`);
  if (status !== "ok" || done.map(({ op, target }) => `${op} ${target}`).join("\n") !== asked.join("\n"))
    throw new OperationError(`Cannot ${what}: bd says that it did something else`);
}

function quoted(id: string): string {
  return `"${id.replaceAll(/["\\]/g, "\\$&")}"`;
}
