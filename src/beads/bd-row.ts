import { OperationError } from "../provider/errors.ts";

/** A bead as bd prints it, the parts that are read; field names as on the wire. */
export interface BdRow {
  id: string;
  title: string;
  description?: string;
  status: string;
  priority?: number;
  issue_type?: string;
  assignee?: string;
  created_at?: string;
  closed_at?: string;
  updated_at?: string;
  defer_until?: string;
  labels?: string[];
  metadata?: Record<string, unknown>;
  parent?: string;
  ephemeral?: boolean;
  no_history?: boolean;
  pinned?: boolean;
  dependencies?: BdEdge[];
  comment_count?: number;
}

/** An edge as `bd list` prints it. */
export interface BdEdge {
  issue_id: string;
  depends_on_id: string;
  type: string;
}

/** Rows out of bd's JSON: an array, one object, or either in one of bd's envelopes; warnings before it are passed over. */
export function bdRows(stdout: string, what: string): BdRow[] {
  const value = bdJson(stdout, what);
  return assertRows(Array.isArray(value) ? value : (inEnvelope(value) ?? [value]), what);
}

/** The same as rows; throws unless each is a bead. */
export function assertRows(rows: { id?: unknown; status?: unknown }[], what: string): BdRow[] {
  for (const row of rows)
    if (typeof row?.id !== "string" || typeof row?.status !== "string")
      throw new OperationError(`Cannot ${what}: bd printed something that is no bead`);
  return rows as BdRow[];
}

/** The JSON that bd printed. */
export function bdJson(stdout: string, what: string): unknown {
  const begin = stdout.search(/^[[{]/m);
  try {
    return JSON.parse(stdout.slice(Math.max(0, begin)));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new OperationError(`Cannot ${what}: bd printed no JSON: ${stdout.trim().slice(0, 200) || "nothing"}`);
  }
}

function inEnvelope(value: unknown): { id?: unknown; status?: unknown }[] | undefined {
  const { issues, items, data } = (value ?? {}) as Record<string, unknown>;
  const inner = [issues, items, data].find((each) => each !== undefined);
  if (inner === undefined) return undefined;
  return Array.isArray(inner) ? inner : [inner as object];
}

/** Metadata as gc has it: a text as it is, anything else as its JSON. */
export function metadataTexts(metadata: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}
