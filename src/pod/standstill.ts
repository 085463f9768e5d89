import { parseBoxEnd } from "./box-end.ts";
import { type ContainerStatus, condition, containerStatus, type Pod, stuckInit } from "./pod-object.ts";

/** What keeps a pod from running that has not failed for good. */
export type Standstill = "pull" | "unschedulable" | "no-scheduler" | "silent-node" | "creating";

/** gc has to hear of a start that cannot succeed within 10 s; so long each state may last before somebody looks closer. */
export const STANDSTILL_MS: Record<Standstill, number> = {
  // The kubelet tries again after 10 s, so nothing new is heard before.
  pull: 2_000,
  unschedulable: 6_000,
  "no-scheduler": 8_000,
  "silent-node": 8_000,
  creating: 7_000,
};

/** Pulling is retried by the kubelet and may yet succeed. */
const PULL_REASONS = new Set(["ImagePullBackOff", "ErrImagePull"]);

/** Where a pod stands that is not up yet. */
export function standstill(pod: Pod): Standstill {
  if ([containerStatus(pod), stuckInit(pod)].some((each) => PULL_REASONS.has(each?.state?.waiting?.reason ?? "")))
    return "pull";
  if (condition(pod, "PodScheduled")?.status === "False") return "unschedulable";
  if (!pod.spec.nodeName) return "no-scheduler";
  // A kubelet that takes a pod up sets this first.
  return pod.status?.startTime ? "creating" : "silent-node";
}

/** Why the pod does not run, in the words of Kubernetes, as far as its status tells. */
export function statusWords(pod: Pod): string {
  const init = stuckInit(pod);
  const scheduled = condition(pod, "PodScheduled");
  const { phase, reason, message } = pod.status ?? {};
  // A reason of the pod itself (Evicted, OutOfcpu) stands above what its container was doing then.
  if (reason) return words(reason, message);
  const own = containerWords(init ?? containerStatus(pod));
  if (own) return init ? `init container "${init.name}": ${own}` : own;
  if (scheduled?.status === "False") return words(scheduled.reason, scheduled.message);
  return words(phase, message);
}

function containerWords(status: ContainerStatus | undefined): string | undefined {
  const { waiting, terminated } = status?.state ?? {};
  if (!terminated) return waiting && words(waiting.reason, waiting.message);
  // A box's own message holds the session's metadata, which is for nobody's error line.
  const message = parseBoxEnd(terminated.message ?? "") ? undefined : terminated.message;
  return words(`${terminated.reason ?? "Error"} (exit code ${terminated.exitCode})`, message);
}

/** `reason: message`, whichever there is. */
export function words(reason: string | undefined, message: string | undefined): string {
  return `${reason || "not up"}${message ? `: ${message}` : ""}`;
}

/** What a kubelet tells before it tries again soon: it asked for a claim or a secret before its own or the API server's
 * cache knew of it, or its container runtime restarts (gRPC's status codes for a server that is away). */
const PASSING = [
  /no relationship found between node/,
  /failed to sync (secret|configmap) cache/,
  /rpc error: code = (Unavailable|DeadlineExceeded|Canceled)/,
  /server is not initialized yet/,
];

/** True when what the kubelet tells of usually passes by itself within seconds. */
export function isPassing(message: string): boolean {
  return PASSING.some((pattern) => pattern.test(message));
}
