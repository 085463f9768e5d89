import { TransportError } from "./errors.ts";

/** Whether this is the UID of an object; whoever takes anything else for one would take the object for another, or for gone. */
export function isUid(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** Throws when the answer to `what` lacks the UID that every object has. */
export function assertUid(answer: { metadata?: { uid?: unknown } } | null, what: string): void {
  if (!isUid(answer?.metadata?.uid)) throw new TransportError(what, "the answer has no UID", false);
}
