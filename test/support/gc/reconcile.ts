import type { GcProcess } from "./gc-process.ts";

/** One call of a list. */
export interface Step {
  op: string;
  args: string[];
  stdin?: string;
}

/** What a pass of the reconciler has seen of one session. */
export interface Observation {
  isRunning: boolean;
  isAlive: boolean;
  metadata: Record<string, string>;
  lastActivity: string;
  listed: string[];
}

/** The calls of one pass over one running session, in the recorded order: 20 processes, one after another. */
export function reconcilerPass(session: string, processNames: string[]): Step[] {
  const isRunning = { op: "is-running", args: [session] };
  const lastActivity = { op: "get-last-activity", args: [session] };
  const meta = (key: string) => ({ op: "get-meta", args: [session, key] });
  return [
    { op: "list-running", args: [""] },
    isRunning,
    isRunning,
    isRunning,
    lastActivity,
    { op: "process-alive", args: [session], stdin: processNames.join("\n") },
    meta("GC_DRAIN_ACK"),
    meta("GC_RESTART_REQUESTED"),
    meta("GC_PROVIDER"),
    isRunning,
    meta("suspended"),
    meta("GC_SESSION_ID"),
    isRunning,
    isRunning,
    lastActivity,
    isRunning,
    isRunning,
    lastActivity,
    meta("GC_PROVIDER"),
    meta("GC_PROVIDER"),
  ];
}

/** Makes one pass. The first look that finds no session ends it; a handshake that declares attachments costs one more
 * for every look at the activity. */
export async function observe(gc: GcProcess, session: string, processNames: string[]): Promise<Observation> {
  const seen: Observation = { isRunning: true, isAlive: false, metadata: {}, lastActivity: "", listed: [] };
  const asksAttached = await gc.declares("report-attachment");
  for (const { op, args, stdin } of reconcilerPass(session, processNames)) {
    const { value, isImplemented } = await gc.call(op, args, stdin === undefined ? {} : { stdin });
    if (op === "list-running") seen.listed = value.split("\n").filter((name) => name !== "");
    if (op === "is-running" && value !== "true") return { ...seen, isRunning: false, isAlive: false };
    // An empty answer counts as alive, an unparsable time as none.
    if (op === "process-alive") seen.isAlive = value === "true" || value === "" || !isImplemented;
    if (op === "get-meta") seen.metadata[args[1] ?? ""] = value;
    if (op !== "get-last-activity") continue;
    seen.lastActivity = Number.isNaN(Date.parse(value)) ? "" : value;
    if (asksAttached) await gc.call("is-attached", [session]);
  }
  return seen;
}

/** What a status query (command or API) asks of a session that is configured but absent; true when it seems to run. */
export async function queryAbsent(gc: GcProcess, session: string): Promise<boolean> {
  await gc.call("is-running", [session]);
  const { value } = await gc.call("is-running", [session]);
  await gc.call("get-meta", [session, "suspended"]);
  await gc.call("get-meta", [session, "GC_SESSION_ID"]);
  return value === "true";
}
