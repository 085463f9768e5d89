import { OperationError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { deletePod, getPod, type Pod } from "./pods.ts";
import { namedSession, quoted, type Session } from "./session.ts";
import { waitGone } from "./watch-pod.ts";

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
    if (!pod.metadata.deletionTimestamp) {
      context.log.phase("delete");
      await deletePod(context.client(), pod, { namespace: session.namespace, signal: context.signal });
    }
    context.log.phase("wait");
    await finish(context, session, pod);
    return undefined;
  },
};

/** Time that a kubelet gets to remove the pod, beyond its grace; afterwards the caller hears which node is silent. */
const GONE_WITHIN_MS = 22_000;

async function finish(context: Context, session: Session, pod: Pod): Promise<void> {
  const patience = AbortSignal.timeout(GONE_WITHIN_MS);
  const signal = AbortSignal.any([context.signal, patience]);
  try {
    await waitGone(context.client(), session, pod, { signal });
  } catch (error) {
    if (!patience.aborted || context.signal.aborted) throw error;
    const node = pod.spec.nodeName ? ` on node "${pod.spec.nodeName}"` : "";
    throw new OperationError(
      `Cannot stop ${quoted(session)}: pod "${session.pod}" is deleted but still terminating${node} after ` +
        `${GONE_WITHIN_MS / 1000} s; if that node is lost for good, remove the pod with kubectl delete --force`,
    );
  }
}
