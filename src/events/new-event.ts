import { LAST_SEQ } from "../pod/event-name.ts";
import { UsageError } from "../provider/errors.ts";
import { instant, isUnset } from "./instant.ts";
import { compact, type Member, members, objectText } from "./json-text.ts";

/** An event that has no number yet. */
export interface NewEvent {
  type: string;
  actor: string;
  /** The event as it is stored under a number. */
  text(seq: number): string;
}

/** Most bytes of data that Kubernetes takes in one ConfigMap. */
const MOST_BYTES = 1024 * 1024;

type Check = (value: unknown) => boolean;
const isText: Check = (value) => typeof value === "string" || value === null;
const isTexts: Check = (value) => value === null || (Array.isArray(value) && value.every((each) => isText(each)));
const isTime: Check = (value) => value === null || (typeof value === "string" && instant(value) !== undefined);

/** What gc can read in the members that it knows. One event that it cannot read would spoil each list for it. */
const KINDS: Record<string, [Check, string]> = {
  seq: [(value) => value === null || (Number.isInteger(value) && Number(value) >= 0), "a whole number"],
  ts: [isTime, "a time such as 2026-01-31T12:00:00.5Z"],
  type: [isText, "a text"],
  actor: [isText, "a text"],
  subject: [isText, "a text"],
  message: [isText, "a text"],
  run_id: [isText, "a text"],
  session_id: [isText, "a text"],
  step_id: [isText, "a text"],
  depends_on_step_ids: [isTexts, "a list of texts"],
};

/** Reads the event that `record` is given. Everything is kept as it is written, but `seq`, and `ts` where that is unset.
 * Throws `UsageError` for what is no event, and for one that no object can hold. */
export function newEvent(stdin: Uint8Array, now: Date): NewEvent {
  const { text, event } = parse(stdin);
  for (const [key, [isRight, kind]] of Object.entries(KINDS))
    if (event[key] !== undefined && !isRight(event[key]))
      throw new UsageError(`Cannot record the event: its "${key}" is not ${kind}`);
  const given = typeof event["ts"] === "string" ? instant(event["ts"]) : undefined;
  const ts = given === undefined || isUnset(given) ? JSON.stringify(now.toISOString()) : undefined;
  const parts = members(text).filter(({ key }) => key !== "seq" && (key !== "ts" || ts === undefined));
  if (ts !== undefined) parts.splice(timePlace(parts), 0, { key: "ts", value: ts });
  const stored = (seq: number) => objectText([{ key: "seq", value: String(seq) }, ...parts]);
  const bytes = Buffer.byteLength(stored(LAST_SEQ));
  if (bytes > MOST_BYTES)
    throw new UsageError(`Cannot record the event: it has ${bytes} bytes, and a ConfigMap holds ${MOST_BYTES}`);
  return { type: String(event["type"] ?? ""), actor: String(event["actor"] ?? ""), text: stored };
}

function parse(stdin: Uint8Array): { text: string; event: Record<string, unknown> } {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(stdin);
    const event: unknown = JSON.parse(text);
    if (typeof event === "object" && event !== null && !Array.isArray(event))
      return { text: compact(text), event: event as Record<string, unknown> };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw new UsageError("Cannot record the event: standard input is no JSON object");
}

/** gc writes `ts` after `type`. */
function timePlace(parts: Member[]): number {
  return parts.findIndex(({ key }) => key === "type") + 1;
}
