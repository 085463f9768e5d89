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
  return asRows(Array.isArray(value) ? value : (inEnvelope(value) ?? [value]), what);
}

/** Between two rows of an array that bd prints: it indents by two blanks, and JSON has no line break within a text. */
const ROW_END = "\n  },\n";
/** Parsing less at a time costs more than it saves. */
const BATCH_LENGTH = 64 * 1024;

/** Reads the rows of a long array while the rest of it is on its way. */
export class RowReader {
  #rows: BdRow[] = [];
  /** How much of the text is in the rows, and what came after that. */
  #read = 0;
  #pending = "";

  /** Another run of bd prints everything anew. */
  begin(): void {
    this.#rows = [];
    this.#read = 0;
    this.#pending = "";
  }

  /** Takes the next part of the text. */
  take(text: string): void {
    this.#pending += text;
    if (this.#pending.length < BATCH_LENGTH) return;
    const end = this.#pending.lastIndexOf(ROW_END);
    if (end < 0) return;
    const comma = end + ROW_END.indexOf(",");
    try {
      this.#rows.push(...(JSON.parse(`${this.#read === 0 ? "" : "["}${this.#pending.slice(0, comma)}]`) as BdRow[]));
    } catch {
      // Warnings, another form, or no JSON at all: the whole text tells, at the end.
      return;
    }
    this.#read += comma + 1;
    this.#pending = this.#pending.slice(comma + 1);
  }

  /** All rows of the text, of which the parts were taken. Throws as `bdRows` does. */
  rows(stdout: string, what: string): BdRow[] {
    if (this.#read === 0) return bdRows(stdout, what);
    return [...asRows(this.#rows, what), ...bdRows(`[${stdout.slice(this.#read)}`, what)];
  }
}

function asRows(values: unknown[], what: string): BdRow[] {
  for (const row of values as Partial<BdRow>[])
    if (typeof row?.id !== "string" || typeof row?.status !== "string")
      throw new OperationError(`Cannot ${what}: bd printed something that is no bead`);
  return values as BdRow[];
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
