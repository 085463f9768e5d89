import type { Call } from "../conformance/provider.ts";

/** A call of each operation that can be made of a live session without a terminal. */
export interface SessionCall {
  op: string;
  args: (session: string) => string[];
  stdin?: string;
  env?: Call["env"];
  /** It makes a session or ends it, so it gets one of its own. */
  isOfNewSession?: boolean;
}

const NOTHING = `${import.meta.dir}/session-calls.ts`;

/** Operations that leave the session as it is, so that they can be called one after another. */
export const DRIVING_CALLS: SessionCall[] = [
  { op: "peek", args: (session) => [session, "10"] },
  { op: "nudge", args: (session) => [session], stdin: "hello" },
  { op: "send-keys", args: (session) => [session, "Enter"] },
  { op: "interrupt", args: (session) => [session] },
  { op: "exec", args: (session) => [session], stdin: "true" },
  { op: "is-attached", args: (session) => [session] },
  { op: "process-alive", args: (session) => [session], stdin: "bash\n" },
  { op: "get-last-activity", args: (session) => [session] },
  { op: "clear-scrollback", args: (session) => [session] },
  { op: "set-meta", args: (session) => [session, "key"], stdin: "value" },
  { op: "get-meta", args: (session) => [session, "key"] },
  { op: "remove-meta", args: (session) => [session, "other-key"] },
  { op: "copy-to", args: (session) => [session, NOTHING, "copied"] },
  { op: "copy-from", args: (session) => [session, "/etc/hostname"] },
];

/** Operations that look at the API alone. */
export const LOOKING_CALLS: SessionCall[] = [
  { op: "is-running", args: (session) => [session] },
  { op: "list-running", args: () => [""] },
];
