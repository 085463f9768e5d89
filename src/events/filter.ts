import { UsageError } from "../provider/errors.ts";
import { EventLabel, labelText } from "./event-log.ts";
import { instant, isUnset } from "./instant.ts";
import type { StoredEvent } from "./stored-event.ts";

/** What `list` is asked for; gc applies the whole of its filter again. */
export interface Filter {
  type: string;
  actor: string;
  /** Nanoseconds since the epoch; undefined = from the beginning. */
  since: bigint | undefined;
  afterSeq: number;
}

/** Reads gc's filter; nothing at all asks for everything. Throws `UsageError` for what is none. */
export function parseFilter(stdin: Uint8Array): Filter {
  const { Type = "", Actor = "", Since = "", AfterSeq = 0 } = parseObject(new TextDecoder().decode(stdin));
  if (typeof Type !== "string") throw refusal("Type", "a text");
  if (typeof Actor !== "string") throw refusal("Actor", "a text");
  if (typeof AfterSeq !== "number" || !(AfterSeq >= 0)) throw refusal("AfterSeq", "a number");
  const since = typeof Since === "string" ? instant(Since) : undefined;
  if (Since !== "" && since === undefined) throw refusal("Since", "a time such as 2026-01-31T12:00:00.5Z");
  return {
    type: Type,
    actor: Actor,
    since: since === undefined || isUnset(since) ? undefined : since,
    afterSeq: AfterSeq,
  };
}

/** Part of a label selector that leaves out most of what does not match, and nothing that does. */
export function selectorOf({ type, actor }: Filter): string {
  const parts = [
    [EventLabel.type, labelText(type)],
    [EventLabel.actor, labelText(actor)],
  ] as const;
  return parts.map(([label, value]) => (value === "" ? "" : `,${label}=${value}`)).join("");
}

/** Tells whether an event is asked for. Times are compared as instants, whatever zone and fraction they are written with. */
export function matches({ type, actor, since, afterSeq }: Filter, { seq, event }: StoredEvent): boolean {
  if (seq <= afterSeq) return false;
  if (type !== "" && event["type"] !== type) return false;
  if (actor !== "" && event["actor"] !== actor) return false;
  if (since === undefined) return true;
  const time = instant(String(event["ts"]));
  // What cannot be compared is given to gc, which judges again.
  return time === undefined || time >= since;
}

function parseObject(text: string): Record<string, unknown> {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new UsageError("Cannot list events: standard input is no JSON object");
}

function refusal(key: string, kind: string): UsageError {
  return new UsageError(`Cannot list events: "${key}" of the filter is not ${kind}`);
}
