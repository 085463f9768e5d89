import type { Pod } from "../pod/pod-object.ts";
import { errorLine, OperationError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { isAlive } from "./is-running.ts";
import { withPatience } from "./patience.ts";
import { deletePod, getPod } from "./pods.ts";
import { namedSession, quoted, type Session } from "./session.ts";
import { saveTranscripts } from "./transcripts.ts";
import { stillTerminating, waitGone } from "./watch-pod.ts";

/** `stop <name>`: removes the session's pod whatever its state and waits until it is gone. */
export const stop: Operation = {
  usage: "<name>",
  help: "Ends the session and removes its pod, whatever state it is in; a session that is absent counts as stopped.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const session = namedSession(context);
    context.log.phase("get");
    const pod = await getPod(context.client(), session, context.signal);
    if (!pod) return undefined;
    context.log.podUid = pod.metadata.uid;
    // A disk that is full here must not keep an agent alive there: the session ends, and the caller hears what is lost.
    const lost = isAlive(pod) ? await saveTranscripts(context, session).catch((error: unknown) => error) : undefined;
    if (context.signal.aborted) throw context.signal.reason;
    if (!pod.metadata.deletionTimestamp) {
      context.log.phase("delete");
      await deletePod(context.client(), pod, { namespace: session.namespace, signal: context.signal });
    }
    context.log.phase("wait");
    await finish(context, session, pod);
    if (lost) throw new OperationError(`The session is stopped, but: ${errorLine(lost)}`);
    return undefined;
  },
};

/** Time that a kubelet gets to remove the pod, beyond its grace; afterwards the caller hears which node is silent. */
const GONE_WITHIN_MS = 22_000;

async function finish(context: Context, session: Session, pod: Pod): Promise<void> {
  const gone = ({ signal }: { signal: AbortSignal }) => waitGone(context.client(), session, pod, { signal });
  await withPatience(context.signal, GONE_WITHIN_MS, gone, () => {
    throw new OperationError(`Cannot stop ${quoted(session)}: ${stillTerminating(pod, GONE_WITHIN_MS)}`);
  });
}
