import { ApiError, TransportError } from "../kube/errors.ts";
import { type BoxEnd, parseBoxEnd } from "../pod/box-end.ts";
import { containerStatus, hasEnded, type Terminated } from "../pod/pod-object.ts";
import { errorLine, OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { withPatience } from "./patience.ts";
import { podsPath } from "./pods.ts";
import { quoted, type Session } from "./session.ts";
import { watchPod } from "./watch-pod.ts";

/** Bytes of metadata that fit into a termination message (`box.sh` cuts there). */
export const METADATA_BYTES = 2800;

/** The API shows a box's end up to 2.5 s after the box itself knows it; under load it takes longer. */
const END_SHOWN_MS = 8_000;

/** Ends of which Kubernetes says more than the box itself can. */
export const TELLING = /^(OOMKilled|Evicted|NodeShutdown|Preempting)/;

/** How the container of an ended box ended, once the API shows it; undefined when there is no pod.
 * Throws when nothing is shown in time: then nobody can tell. */
export async function waitTerminated(context: Context, session: Session): Promise<Terminated | undefined> {
  const look = async ({ signal }: { signal: AbortSignal }) => {
    for await (const pod of watchPod(context.client(), session, { signal })) {
      const { terminated } = (pod && containerStatus(pod)?.state) ?? {};
      if (!pod) return undefined;
      // Of a pod that its node has ended (Evicted, NodeShutdown) the container's own reason says less.
      const { reason, message } = pod.status ?? {};
      const why = reason && { reason: message ? `${reason}: ${message}` : reason };
      if (terminated) return { ...terminated, ...why };
      if (hasEnded(pod)) return { exitCode: -1, ...why };
    }
    return undefined;
  };
  return await withPatience(context.signal, END_SHOWN_MS, look, () => {
    throw new OperationError(`Cannot tell how ${quoted(session)} ended: Kubernetes does not show it yet`);
  });
}

/** The end of the session's box; undefined when there is no box. */
export async function readBoxEnd(context: Context, session: Session): Promise<BoxEnd | undefined> {
  const terminated = await waitTerminated(context, session);
  return terminated && boxEnd(terminated);
}

/** How a box ended, in its own words; one that was killed as a whole leaves none, and its metadata is lost. */
export function boxEnd({ message, reason, exitCode, finishedAt = "" }: Terminated): BoxEnd {
  const end = message ? parseBoxEnd(message) : undefined;
  if (end) return reason && TELLING.test(reason) ? { ...end, reason } : end;
  return { cause: "", exitCode, signal: "", endedAt: finishedAt, metadata: "", ...(reason && { reason }) };
}

/** Where the log mirrors the screen, `box.sh` prints this and a newline before the last one. */
const SCREEN_BEGINS = "\f";

/** The last `lines` lines (0 = all) of the screen that the box saved in its log when the agent ended. */
export async function readLastScreen(context: Context, session: Session, lines: number): Promise<string> {
  return (await waitTerminated(context, session)) ? await readLog(context, session, lines) : "";
}

/** The last `lines` lines (0 = all) of the box's log as it is now. */
export async function readLog(context: Context, session: Session, lines: number): Promise<string> {
  const log = await context.client().text({
    path: `${podsPath(session.namespace, session.pod)}/log`,
    query: { tailLines: lines > 0 ? lines : undefined, limitBytes: lines > 0 ? undefined : 8 * 1024 * 1024 },
    accept: "*/*",
    what: `GET log of pod "${session.pod}"`,
    signal: context.signal,
  });
  return log.slice(log.lastIndexOf(SCREEN_BEGINS) + 1).replace(/^\n/, "");
}

/** What is worth telling and no reason to fail: a log that cannot be read, or may not be, leaves a warning and undefined. */
export async function ifReadable<T>(context: Context, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof TransportError)) throw error;
    context.log.warn(errorLine(error));
    return undefined;
  }
}
