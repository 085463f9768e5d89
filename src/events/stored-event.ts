import type { EventObject } from "./event-log.ts";
import { compact } from "./json-text.ts";

/** An event of the log. */
export interface StoredEvent {
  seq: number;
  /** JSON on one line, as it was recorded. */
  text: string;
  event: Record<string, unknown>;
}

/** Reads the event that an object holds; undefined when that is no event of this number, because somebody has changed
 * it by hand: gc could not read it, and it must not hide the others. */
export function storedEvent(object: EventObject, seq: number): StoredEvent | undefined {
  const text = object.data?.["event"] ?? "";
  const event = parseObject(text);
  if (event?.["seq"] !== seq) return undefined;
  return { seq, text: /[\r\n]/.test(text) ? compact(text) : text, event };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
