import { drive, typeText } from "./drive.ts";
import type { GcProcess } from "./gc-process.ts";

/** When gc takes a session for idle, and how long it waits for that. */
export interface Patience {
  idleMs: number;
  limitMs: number;
}

/** `gc session nudge`: waits until the terminal has been quiet, then types; false = still busy, gc queues the text. */
export async function nudgeWhenIdle(
  gc: GcProcess,
  session: string,
  text: string,
  { idleMs, limitMs }: Patience = { idleMs: 15_000, limitMs: 25_000 },
): Promise<boolean> {
  await gc.declares("");
  await gc.call("process-alive", [session], { stdin: "bash" });
  for (const key of ["GC_SESSION_ID", "GC_CONTINUATION_EPOCH"]) await gc.call("get-meta", [session, key]);
  const end = performance.now() + limitMs;
  while (!(await isIdle(gc, session, idleMs))) {
    if (performance.now() > end) return false;
    await Bun.sleep(500);
  }
  for (let i = 0; i < 2; i++) if ((await gc.value("is-running", session)) !== "true") return false;
  await typeText(gc, session, reminder(text));
  return true;
}

async function isIdle(gc: GcProcess, session: string, idleMs: number): Promise<boolean> {
  for (let i = 0; i < 2; i++) if ((await gc.value("is-running", session)) !== "true") return false;
  const at = Date.parse(await gc.value("get-last-activity", session));
  // A time that cannot be read is no time: gc decides nothing by it.
  return Date.now() - at >= idleMs;
}

/** A queued text as gc delivers it: several lines, with a newline at the end. */
export function reminder(text: string): string {
  const lines = ["You have a deferred reminder that was queued until a safe boundary:", "", `- [session] ${text}`];
  return `<system-reminder>\n${lines.join("\n")}\n\nHandle them after this turn.\n</system-reminder>\n`;
}

/** `gc session submit --intent interrupt_now`: Ctrl-C, five seconds, the text as it is. */
export async function submitNow(gc: GcProcess, session: string, text: string, pauseMs = 5_000): Promise<void> {
  for (let i = 0; i < 2; i++) await gc.call("is-running", [session]);
  await drive(gc, session, ["send-keys", "-t", "main", "C-c"], { op: "interrupt", args: [session] });
  await Bun.sleep(pauseMs);
  for (let i = 0; i < 2; i++) await gc.call("is-running", [session]);
  await typeText(gc, session, text);
}
