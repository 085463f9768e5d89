import { errorLine } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { assertRows, type BdRow, bdRows } from "./bd-row.ts";
import { shellWord } from "./shell.ts";
import { NOT_CLOSED, outputOf, runInStore } from "./store.ts";

/** Which beads of a store. */
type Which = "all" | "closed" | "not closed";

/** Each as `bd list` selects it (`--status=closed` alone would leave out pinned ones), and as bd's tables know it. */
export const SELECTIONS: Record<Which, { flag: string; where: string }> = {
  all: { flag: "--all", where: "" },
  closed: { flag: "--all", where: " WHERE i.status = 'closed'" },
  "not closed": { flag: NOT_CLOSED, where: " WHERE i.status <> 'closed'" },
};

/** The schema of bd 1.2.1 by its last migrations, those of tables that Dolt keeps no versions of apart. What the tables
 * of another one mean, bd alone knows. */
const KNOWN_SCHEMA = "[65,24]";
const OTHER_SCHEMA = "their schema is not the one that is known";
const SCHEMA = `SELECT JSON_ARRAY((SELECT MAX(version) FROM schema_migrations), (SELECT MAX(version) FROM ignored_schema_migrations)) AS r`;

const COLUMNS = [
  ...["id", "title", "description", "status", "priority", "issue_type", "assignee", "metadata"],
  ...["created_at", "updated_at", "defer_until", "ephemeral", "no_history"],
] as const;
const TIMES = ["created_at", "updated_at", "defer_until"] as const;
const SWITCHES = ["ephemeral", "no_history"] as const;

/** Rows of a whole store, the fields that gc's beads are made of, and perhaps more of them than were asked for.
 *
 * For thousands of beads `bd list` takes twice as long as the statement here: most of it counts edges and comments that
 * nobody asks for. So tables of the schema that is known are asked for what is read, each row as an array of JSON. Where
 * the schema is another one the answer is bd's own list, and the runner remembers that. */
export async function wholeStore(context: Context, what: string, which: Which): Promise<BdRow[]> {
  const { flag, where } = SELECTIONS[which];
  const list = `list_beads ${flag}`;
  // Opened for writing, the store would be migrated, or not opened at all where it may only be read.
  const ask = `bd sql --readonly --csv ${shellWord(statement(where))}`;
  const body = `if [ -e other-schema ]; then ${list}; else ${ask}; fi`;
  const answer = await runInStore(context, { what, body });
  const rows = "stdout" in answer ? rowsOf(answer.stdout, what) : answer.failure.text;
  if (Array.isArray(rows)) return rows;
  context.log.warn(`the store's tables cannot be read: ${rows}`);
  const listed = await runInStore(context, {
    what,
    body: rows === OTHER_SCHEMA ? `printf "" >other-schema; ${list}` : list,
  });
  return bdRows(outputOf(listed, what), what);
}

/** Durable beads, and the wisps in the tables beside them. */
function statement(where: string): string {
  const wisps = tier("wisps", "wisp_labels", "wisp_dependencies");
  return [SCHEMA, `${tier("issues", "labels", "dependencies")}${where}`, `${wisps}${where}`].join(" UNION ALL ");
}

function tier(beads: string, labels: string, dependencies: string): string {
  const columns = COLUMNS.map((column) => `i.${column}`).join(", ");
  const target = "COALESCE(depends_on_issue_id, depends_on_wisp_id, depends_on_external)";
  const perBead = (values: string, table: string) =>
    `(SELECT issue_id, JSON_ARRAYAGG(${values}) AS r FROM ${table} GROUP BY issue_id)`;
  return (
    `SELECT JSON_ARRAY(${columns}, l.r, d.r) FROM ${beads} i ` +
    `LEFT JOIN ${perBead("label", labels)} l ON l.issue_id = i.id ` +
    `LEFT JOIN ${perBead(`JSON_ARRAY(${target}, type)`, dependencies)} d ON d.issue_id = i.id`
  );
}

/** The rows, whether the statement's or `bd list`'s, or why the statement's are none. */
function rowsOf(stdout: string, what: string): BdRow[] | string {
  // Warnings may come before it; JSON of `bd list` has no such line.
  const head = `\n${stdout.slice(0, 16_384)}`.indexOf("\nr\n");
  if (head < 0) return bdRows(stdout, what);
  try {
    const [schema, ...rows] = jsonColumn(stdout.slice(head + 2));
    if (JSON.stringify(schema) !== KNOWN_SCHEMA) return OTHER_SCHEMA;
    // Should an id be in both tiers, the wisp is the bead: so bd has it.
    return [...new Map(assertRows(rows.map(bdRow), what).map((row) => [row.id, row])).values()];
  } catch (error) {
    if (error instanceof SyntaxError) return errorLine(error);
    throw error;
  }
}

/** Values of a column of JSON arrays in CSV: each in quotes and on a line of its own, because JSON has no line breaks. */
export function jsonColumn(csv: string): unknown[][] {
  const text = csv.slice(1, -2).replaceAll('""', '"').replaceAll(']"\n"[', "],[");
  return JSON.parse(`[${text}]`) as unknown[][];
}

function bdRow(values: unknown[]): BdRow {
  const row: Record<string, unknown> = {};
  COLUMNS.forEach((column, at) => {
    if (values[at] !== null) row[column] = values[at];
  });
  for (const time of TIMES) if (row[time] !== undefined) row[time] = rfc3339(row[time] as string);
  for (const name of SWITCHES) row[name] = Boolean(row[name]);
  row["metadata"] = inOrder(row["metadata"]);
  const [labels, edges] = values.slice(COLUMNS.length) as [string[] | null, [string, string][] | null];
  if (labels) row["labels"] = labels.sort(byBytes);
  if (edges) {
    row["dependencies"] = edges.map(([depends_on_id, type]) => ({ issue_id: row["id"], depends_on_id, type }));
    const parents = edges.filter(([, type]) => type === "parent-child").map(([id]) => id);
    // bd shows one of several parents, the first.
    row["parent"] = parents.sort(byBytes)[0];
  }
  return row as unknown as BdRow;
}

/** Keys as bd prints them; within an array of JSON Dolt has the short ones first. gc's metadata holds objects as texts. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).sort(([one], [other]) => byBytes(one, other));
  return Object.fromEntries(fields.map(([key, field]) => [key, inOrder(field)]));
}

/** The order of Go and Dolt, which is not that of UTF-16. */
function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** Dolt's `2026-11-28 01:50:00.120000`, which bd keeps in UTC, as bd prints it. */
function rfc3339(time: string): string {
  const [whole = "", fraction = ""] = time.split(".");
  const digits = fraction.replace(/0+$/, "");
  return `${whole.replace(" ", "T")}${digits && `.${digits}`}Z`;
}
