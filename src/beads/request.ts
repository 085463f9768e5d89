import { UsageError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { OWN_KEYS } from "./bead-marker.ts";
import { goTrim } from "./go-trim.ts";

/** What `create` reads. */
export interface CreateRequest {
  title: string;
  type?: string;
  priority?: number;
  labels?: string[];
  parent_id?: string;
  ref?: string;
  needs?: string[];
  description?: string;
  assignee?: string;
  from?: string;
  metadata?: Record<string, string>;
  ephemeral?: boolean;
  no_history?: boolean;
  defer_until?: string;
}

/** What `update` reads: only what is given changes, and an empty text is a value. */
export interface UpdateRequest {
  title?: string;
  status?: string;
  type?: string;
  priority?: number;
  description?: string;
  parent_id?: string;
  assignee?: string;
  /** Added to the others. */
  labels?: string[];
  remove_labels?: string[];
  /** Merged into the others. */
  metadata?: Record<string, string>;
}

/** Says what is wrong with a value, or undefined. */
type FieldCheck = (value: unknown) => string | undefined;

const text: FieldCheck = (value) => (typeof value === "string" ? badText(value) : "must be a text");
const flag: FieldCheck = (value) => (typeof value === "boolean" ? undefined : "must be true or false");
const priority: FieldCheck = (value) =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 4 ? undefined : "must be a number from 0 to 4";
const time: FieldCheck = (value) =>
  typeof value === "string" &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)$/.test(value) &&
  Date.parse(value)
    ? undefined
    : "must be a time in RFC 3339";
const atMost =
  (most: number, unit: "bytes" | "characters"): FieldCheck =>
  (value) => {
    const size = unit === "bytes" ? Buffer.byteLength(String(value)) : [...String(value)].length;
    return text(value) ?? (size <= most ? undefined : `must be at most ${most} ${unit}, and has ${size}`);
  };
const labels: FieldCheck = (value) => listOf(value, label);
const needs: FieldCheck = (value) =>
  listOf(value, (each) => (/^([a-z-]+:)?[^\s,:]+$/.test(String(each)) ? undefined : "must hold ids, or types and ids"));

/** bd reads labels as CSV, which makes one character of the two of a line's end. */
function label(value: unknown): string | undefined {
  if (value === "") return "must hold no empty text";
  return String(value).includes("\r") ? "must hold no carriage return" : atMost(255, "characters")(value);
}

/** A title of blanks alone would be an empty one to bd. */
const title: FieldCheck = (value) =>
  text(value) ?? (goTrim(String(value)) === "" ? "must not be empty" : atMost(500, "characters")(value));

/** Every field that is known; others are gc's business of the future and change nothing. */
const CHECKS: Record<string, FieldCheck> = {
  title,
  status: atMost(32, "characters"),
  type: (value) => atMost(32, "characters")(value) ?? otherName(String(value)),
  priority,
  description: atMost(65_535, "bytes"),
  parent_id: text,
  assignee: atMost(255, "characters"),
  from: text,
  ref: text,
  labels,
  remove_labels: labels,
  needs,
  metadata,
  ephemeral: flag,
  no_history: flag,
  defer_until: time,
};

/** bd has more than one name for some types, and keeps the first. */
const OTHER_NAMES: Record<string, string> = {
  enhancement: "feature",
  feat: "feature",
  dec: "decision",
  adr: "decision",
  investigation: "spike",
  timebox: "spike",
  "user-story": "story",
  user_story: "story",
  ms: "milestone",
  mr: "merge-request",
  mol: "molecule",
};

function otherName(type: string): string | undefined {
  const name = OTHER_NAMES[type.toLowerCase()];
  return name && `would become "${name}": bd takes it for another name of that`;
}

/** Reads and checks the JSON object on stdin; `null` counts as not given. Throws `UsageError` before anything is changed. */
export async function readRequest<T>(context: Context): Promise<T> {
  const fields = parse(await context.stdin());
  for (const [name, value] of Object.entries(fields)) {
    if (value === null) delete fields[name];
    else {
      const problem = Object.hasOwn(CHECKS, name) ? CHECKS[name]?.(value) : undefined;
      if (problem) throw new UsageError(`Cannot use the field "${name}" of the request: it ${problem}`);
    }
  }
  return fields as T;
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new UsageError("Cannot read the request: stdin holds no JSON object");
}

function listOf(value: unknown, check: FieldCheck): string | undefined {
  if (!Array.isArray(value)) return "must be a list";
  for (const each of value) {
    const problem = check(each);
    if (problem) return problem;
  }
  return undefined;
}

function metadata(value: unknown): string | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return "must be an object of texts";
  const own = OWN_KEYS.find((key) => Object.hasOwn(value, key));
  if (own) return `must not hold "${own}"`;
  for (const [key, each] of Object.entries(value)) {
    const problem = text(each) ?? text(key);
    if (problem) return `${problem} ("${key.slice(0, 60)}")`;
  }
  return undefined;
}

/** A shell cannot pass NUL, and what is no Unicode would come back as something else. */
function badText(value: string): string | undefined {
  if (value.includes("\0")) return "must not hold a NUL character";
  return value.isWellFormed() ? undefined : "must be well-formed Unicode";
}
