import { OperationError } from "../provider/errors.ts";
import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { runInBox } from "./box-script.ts";
import { readBoxEnd } from "./ended-box.ts";
import { namedSession } from "./session.ts";

/** tmux counts keys of clients as the session's activity and output as the window's; both are the agent's life.
 * The node's own time goes along, so that its clock need not agree with ours. */
const ACTIVITY = `tmux display-message -p -t "$pane" '#{session_activity} #{window_activity}'; date +%s`;

/** `get-last-activity <name>`: nothing for a missing session, the end of an ended one. */
export const getLastActivity: Operation = {
  usage: "<name>",
  help: "Prints when the session's terminal last had input or output (RFC 3339, UTC, this machine's clock).",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const session = namedSession(context);
    const answer = await runInBox(context, session, { script: ACTIVITY, repeatable: true, isRead: true });
    if (answer.state === "done") return { stdout: `${activity(Buffer.from(answer.stdout).toString(), Date.now())}\n` };
    const end = answer.state === "ended" ? await readBoxEnd(context, session) : undefined;
    return end?.endedAt ? { stdout: `${end.endedAt}\n` } : undefined;
  },
};

/** Converts the box's answer, whole seconds of its clock, to this machine's clock. Throws when it is no such answer. */
export function activity(answer: string, nowMs: number): string {
  const seconds = /^(\d{1,10}) (\d{1,10})\n(\d{1,10})\n$/.exec(answer);
  if (!seconds)
    throw new OperationError(`Cannot tell the last activity: the box says ${JSON.stringify(answer.slice(0, 80))}`);
  const [session = 0, window = 0, boxNow = 0] = seconds.slice(1).map(Number);
  const agoSeconds = Math.max(0, boxNow - Math.max(session, window));
  return `${new Date(nowMs - agoSeconds * 1000).toISOString().slice(0, 19)}Z`;
}
