import { TransportError } from "./errors.ts";

/** Whether this is the UID of an object; whoever takes anything else for one would take the object for another, or for gone. */
export function isUid(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** Throws unless the answer to `what` gave the UID that every object has. */
export function assertUid(uid: unknown, what: string): void {
  if (!isUid(uid)) throw new TransportError(what, "the answer has no UID", false);
}
