import { isConflict, isNotFound } from "../kube/errors.ts";
import type { KubeClient } from "../kube/request.ts";
import { Annotation } from "../pod/labels.ts";
import { OperationError } from "../provider/errors.ts";
import type { Session } from "./session.ts";

/** The parts of a Pod that sessions read; field names as on the wire. */
export interface Pod {
  metadata: {
    name: string;
    uid: string;
    resourceVersion: string;
    creationTimestamp: string;
    deletionTimestamp?: string;
    annotations?: Record<string, string>;
  };
  spec: { nodeName?: string };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    conditions?: Condition[];
    containerStatuses?: ContainerStatus[];
  };
}

/** One condition of a pod. */
export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

/** How a container ended. */
export interface Terminated {
  exitCode: number;
  signal?: number;
  reason?: string;
  message?: string;
  finishedAt?: string;
}

/** Status of one container. */
export interface ContainerStatus {
  name: string;
  restartCount?: number;
  state?: {
    running?: { startedAt?: string };
    waiting?: { reason?: string; message?: string };
    terminated?: Terminated;
  };
}

/** Path of the namespace's pods, or of one of them. */
export function podsPath(namespace: string, pod?: string): string {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
  return pod ? `${path}/${encodeURIComponent(pod)}` : path;
}

/** The session's pod as the API has it; undefined when there is none.
 * Throws when a pod of that name belongs to another session: a hash collision, or a pod made by hand. */
export async function getPod(client: KubeClient, session: Session, signal: AbortSignal): Promise<Pod | undefined> {
  const what = `GET pod "${session.pod}"`;
  try {
    const pod: Pod = await client.json({ path: podsPath(session.namespace, session.pod), what, signal });
    assertOwn(pod, session);
    return pod;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function assertOwn(pod: Pod, session: Session): void {
  const { annotations = {} } = pod.metadata;
  if (annotations[Annotation.sessionName] === session.session && annotations[Annotation.cityName] === session.city)
    return;
  throw new OperationError(
    `Cannot use pod "${session.pod}": its annotations do not name session "${session.session}" of city "${session.city}"`,
  );
}

/** Deletes exactly the pod that was seen; a pod that is gone, or another of the same name, counts as deleted. */
export async function deletePod(
  client: KubeClient,
  pod: { metadata: { name: string; uid: string } },
  options: { namespace: string; gracePeriodSeconds?: number; signal: AbortSignal },
): Promise<void> {
  const { name, uid } = pod.metadata;
  const { gracePeriodSeconds } = options;
  try {
    await client.text({
      method: "DELETE",
      path: podsPath(options.namespace, name),
      body: {
        kind: "DeleteOptions",
        apiVersion: "v1",
        preconditions: { uid },
        ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
      },
      what: `DELETE pod "${name}"`,
      idempotent: true,
      signal: options.signal,
    });
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}

/** True when the start that made the pod marked it as launched. */
export function isLaunched(pod: Pod): boolean {
  return pod.metadata.annotations?.[Annotation.launched] !== undefined;
}

/** Status of the agent's container, once the kubelet has reported one. */
export function containerStatus(pod: Pod): ContainerStatus | undefined {
  return pod.status?.containerStatuses?.[0];
}

/** Condition of the given type. */
export function condition(pod: Pod, type: string): Condition | undefined {
  return pod.status?.conditions?.find((each) => each.type === type);
}

/** True when the pod's phase is final. */
export function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded";
}
