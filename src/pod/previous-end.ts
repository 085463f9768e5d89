import { parseBoxEnd } from "./box-end.ts";
import { Annotation } from "./labels.ts";
import { condition, containerStatus, isLaunched, type Pod } from "./pod-object.ts";

/** How the session's last box ended, as the start that replaced it saw it. Only what Kubernetes and the box's own
 * script say: the screen may hold a secret, so it goes to the operation log and never into an API object. */
export interface PreviousEnd {
  podUid: string;
  node?: string;
  endedAt?: string;
  /** Kubernetes' reason, such as `OOMKilled`, `Evicted`, `EvictionByEvictionAPI` or `Error`. */
  reason?: string;
  message?: string;
  /** The box's own word for its end, such as `exited`. */
  cause?: string;
  exitCode?: number;
  signal?: string;
}

/** Annotations may have 256 KiB in all; what evicts a pod is told in far less. */
const MESSAGE_CHARACTERS = 500;

/** The end of a box that was a session; undefined for one that was never launched. Needs no request. */
export function previousEnd(pod: Pod): PreviousEnd | undefined {
  if (!isLaunched(pod)) return undefined;
  const { terminated } = containerStatus(pod)?.state ?? {};
  const end = terminated?.message ? parseBoxEnd(terminated.message) : undefined;
  // Tells of evictions that delete the pod: drain, lost node, preemption.
  const disruption = condition(pod, "DisruptionTarget");
  const reason = pod.status?.reason ?? disruption?.reason ?? terminated?.reason;
  const message = pod.status?.message ?? disruption?.message;
  const endedAt = end?.endedAt ?? terminated?.finishedAt ?? pod.metadata.deletionTimestamp;
  const signal = end?.signal || (terminated?.signal ? String(terminated.signal) : "");
  return {
    podUid: pod.metadata.uid,
    ...(pod.spec.nodeName && { node: pod.spec.nodeName }),
    ...(endedAt && { endedAt }),
    ...(reason && { reason }),
    ...(message && { message: message.slice(0, MESSAGE_CHARACTERS) }),
    ...(end && { cause: end.cause }),
    ...(terminated && { exitCode: end?.exitCode ?? terminated.exitCode }),
    ...(signal && { signal }),
  };
}

/** Annotation by which the next box of the session tells how the one before ended. */
export function previousEndAnnotation(end: PreviousEnd | undefined): Record<string, string> {
  return end ? { [Annotation.previousEnd]: JSON.stringify(end) } : {};
}
