import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { containerStatus, hasEnded, podsPath, type Terminated } from "./pods.ts";
import { quoted, type Session } from "./session.ts";
import { watchPod } from "./watch-pod.ts";

/** Bytes of metadata that fit into a termination message (`box.sh` cuts there). */
export const METADATA_BYTES = 2800;

/** What a box wrote of its end into the termination message. */
export interface BoxEnd {
  /** `exited`, `stopped`, `tmux-server-ended`, `pane-gone`, `never-launched` or `launch-abandoned`. */
  cause: string;
  exitCode: number;
  /** Number or name of the signal that ended the agent; "" = none. */
  signal: string;
  /** RFC 3339, the node's clock. */
  endedAt: string;
  /** The tmux environment as `show-environment -s` printed it, cut at 2800 bytes: a byte string. */
  metadata: string;
}

/** The API shows a box's end up to 2.5 s after the box itself knows it; under load it takes longer. */
const END_SHOWN_MS = 8_000;

/** How the container of an ended box ended, once the API shows it; undefined when there is no pod.
 * Throws when nothing is shown in time: then nobody can tell. */
export async function waitTerminated(context: Context, session: Session): Promise<Terminated | undefined> {
  const patience = AbortSignal.timeout(END_SHOWN_MS);
  const signal = AbortSignal.any([context.signal, patience]);
  try {
    for await (const pod of watchPod(context.client(), session, { signal })) {
      const { terminated } = (pod && containerStatus(pod)?.state) ?? {};
      if (!pod || terminated) return terminated;
      if (hasEnded(pod)) return { exitCode: -1, ...(pod.status?.reason && { reason: pod.status.reason }) };
    }
  } catch (error) {
    if (!patience.aborted || context.signal.aborted) throw error;
  }
  throw new OperationError(`Cannot tell how ${quoted(session)} ended: Kubernetes does not show it yet`);
}

/** The end of the session's box; undefined when there is no box. Throws when it left no message: it was killed. */
export async function readBoxEnd(context: Context, session: Session): Promise<BoxEnd | undefined> {
  const terminated = await waitTerminated(context, session);
  if (!terminated) return undefined;
  const end = terminated.message ? parseBoxEnd(terminated.message) : undefined;
  if (end) return end;
  const reason = terminated.reason ?? `exit code ${terminated.exitCode}`;
  throw new OperationError(`Cannot tell how ${quoted(session)} ended: its box left no message (${reason})`);
}

/** Reads a termination message; the box's own, so anything else is taken as none. */
export function parseBoxEnd(message: string): BoxEnd | undefined {
  try {
    const { version, cause, exitCode, signal, endedAt, metadata } = JSON.parse(message) as Record<string, unknown>;
    if (version !== 1) return undefined;
    return {
      cause: String(cause),
      exitCode: Number(exitCode),
      signal: String(signal),
      endedAt: String(endedAt),
      metadata: Buffer.from(String(metadata), "base64").toString("latin1"),
    };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** The last `lines` lines (0 = all) of the screen that the box saved in its log when the agent ended. */
export async function readLastScreen(context: Context, session: Session, lines: number): Promise<string> {
  if (!(await waitTerminated(context, session))) return "";
  return await context.client().text({
    path: `${podsPath(session.namespace, session.pod)}/log`,
    query: { tailLines: lines > 0 ? lines : undefined, limitBytes: lines > 0 ? undefined : 8 * 1024 * 1024 },
    accept: "*/*",
    what: `GET log of pod "${session.pod}"`,
    signal: context.signal,
  });
}
