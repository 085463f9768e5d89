import type { GcProcess } from "./gc-process.ts";

const ACKNOWLEDGEMENT = ["GC_DRAIN_ACK", "GC_DRAIN_ACK_SOURCE", "GC_DRAIN_REASON", "GC_DRAIN_GENERATION"];

/** `gc runtime drain`: reads, and one mark. */
export async function drain(gc: GcProcess, session: string): Promise<string> {
  for (const key of ["GC_PROVIDER", "suspended", "GC_SESSION_ID"]) await gc.call("get-meta", [session, key]);
  for (let i = 0; i < 8; i++) await gc.call("is-running", [session]);
  const since = String(Math.floor(Date.now() / 1000));
  await gc.call("set-meta", [session, "GC_DRAIN"], { stdin: since });
  return since;
}

/** `gc runtime undrain`. */
export async function undrain(gc: GcProcess, session: string): Promise<void> {
  for (const key of [...ACKNOWLEDGEMENT, "GC_DRAIN"]) await gc.call("remove-meta", [session, key]);
}

/** What the reconciler does once the agent has acknowledged: `stop`, then the marks of a session that is gone. */
export async function finishDrain(gc: GcProcess, session: string): Promise<void> {
  await gc.call("stop", [session]);
  await undrain(gc, session);
}

/** A drain by the reconciler itself, of a session that no bead stands for any more. */
export async function drainOrphan(gc: GcProcess, session: string): Promise<void> {
  const marks = { GC_DRAIN_ACK_SOURCE: "reconciler", GC_DRAIN_REASON: "orphaned", GC_DRAIN_GENERATION: "2" };
  for (const [key, stdin] of Object.entries({ ...marks, GC_DRAIN_ACK: "1" }))
    await gc.call("set-meta", [session, key], { stdin });
  await gc.call("stop", [session]);
}
