import { isGone } from "../kube/errors.ts";
import type { KubeClient } from "../kube/request.ts";
import { watch } from "../kube/watch.ts";
import { containerStatus, hasEnded, type Pod } from "../pod/pod-object.ts";
import { deletePod, getPod, podsPath } from "./pods.ts";
import type { Session } from "./session.ts";

/** Yields the session's pod now (or as `seen`) and after each change; undefined = there is none.
 * Ends only when the consumer stops or the signal is aborted. */
export async function* watchPod(
  client: KubeClient,
  session: Session,
  options: { signal: AbortSignal; seen?: Pod },
): AsyncGenerator<Pod | undefined> {
  const { signal } = options;
  for (
    let pod = options.seen ?? (await getPod(client, session, signal));
    ;
    pod = await getPod(client, session, signal)
  ) {
    yield pod;
    if (!pod) continue;
    const changes = watch<Pod>(client, {
      path: podsPath(session.namespace),
      what: `watch pod "${session.pod}"`,
      fieldSelector: `metadata.name=${session.pod}`,
      resourceVersion: pod.metadata.resourceVersion,
      signal,
    });
    try {
      for await (const { type, object } of changes) yield type === "DELETED" ? undefined : object;
    } catch (error) {
      // The version is too old to watch from: look again.
      if (!isGone(error)) throw error;
    }
  }
}

/** Resolves when the pod that was seen is gone, or when `holds` is no longer true of it. */
export async function waitWhile(
  client: KubeClient,
  session: Session,
  seen: Pod,
  options: { signal: AbortSignal; holds?: (now: Pod) => boolean },
): Promise<void> {
  const { signal, holds = () => true } = options;
  for await (const now of watchPod(client, session, { signal }))
    if (now?.metadata.uid !== seen.metadata.uid || !holds(now)) return;
}

/** Resolves with its last state when the pod that was seen, and is being deleted, is gone. Once the kubelet has reported the end of its
 * container nothing runs that the object stands for, so it is removed without waiting for volumes and cgroups. */
export async function waitGone(
  client: KubeClient,
  session: Session,
  seen: Pod,
  options: { signal: AbortSignal },
): Promise<Pod> {
  const { namespace } = session;
  const { signal } = options;
  let last = seen;
  for await (const now of watchPod(client, session, { signal })) {
    if (now?.metadata.uid !== seen.metadata.uid) return last;
    last = now;
    const isProvedDead = hasEnded(now) && containerStatus(now)?.state?.terminated !== undefined;
    if (isProvedDead) await deletePod(client, now, { namespace, gracePeriodSeconds: 0, signal });
  }
  return last;
}

/** Says which pod has not gone, where it is, and what to do. */
export function stillTerminating({ metadata, spec }: Pod, afterMs: number): string {
  const node = spec.nodeName ? ` on node "${spec.nodeName}"` : "";
  return (
    `pod "${metadata.name}" is deleted but still terminating${node} after ${afterMs / 1000} s; ` +
    `if that node is lost for good, remove the pod with kubectl delete --force`
  );
}
