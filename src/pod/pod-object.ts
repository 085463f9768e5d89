import { AGENT_CONTAINER, Annotation } from "./labels.ts";

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
    /** When the node's kubelet took the pod up. */
    startTime?: string;
    conditions?: Condition[];
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
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

/** Metadata of one pod: all that a list of them needs, a tenth of the whole object. */
export interface PodMetadata {
  metadata: Pick<Pod["metadata"], "name" | "creationTimestamp" | "deletionTimestamp" | "annotations">;
}

/** True when the start that made the pod marked it as launched. */
export function isLaunched(pod: PodMetadata): boolean {
  return pod.metadata.annotations?.[Annotation.launched] !== undefined;
}

/** True when the pod is a box without an agent. */
export function isProvisioned(pod: PodMetadata): boolean {
  return pod.metadata.annotations?.[Annotation.provisioned] !== undefined;
}

/** An unlaunched pod whose start has certainly ended: nothing else would ever remove one that never got a node. */
export function isStale(pod: PodMetadata, serverNowMs: number): boolean {
  const limitMs = Number(pod.metadata.annotations?.[Annotation.startSeconds]) * 1000;
  return !isLaunched(pod) && serverNowMs > Date.parse(pod.metadata.creationTimestamp) + limitMs;
}

/** Status of the agent's container, once the kubelet has reported one. */
export function containerStatus(pod: Pod): ContainerStatus | undefined {
  return pod.status?.containerStatuses?.find(({ name }) => name === AGENT_CONTAINER);
}

/** The init container (the pod template's) that has failed, or that cannot begin; undefined when there is none. */
export function stuckInit(pod: Pod): ContainerStatus | undefined {
  return pod.status?.initContainerStatuses?.find(({ state }) => {
    const { waiting, terminated } = state ?? {};
    return (terminated && terminated.exitCode !== 0) || !ON_ITS_WAY.has(waiting?.reason ?? "PodInitializing");
  });
}

/** What a container waits for that is simply not up yet. */
const ON_ITS_WAY = new Set(["PodInitializing", "ContainerCreating"]);

/** Condition of the given type. */
export function condition(pod: Pod, type: string): Condition | undefined {
  return pod.status?.conditions?.find((each) => each.type === type);
}

/** True when the pod's phase is final. */
export function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded";
}
