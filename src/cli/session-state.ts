import {
  condition,
  containerStatus,
  hasEnded,
  isLaunched,
  isProvisioned,
  isStale,
  type Pod,
} from "../pod/pod-object.ts";
import { type PreviousEnd, previousEnd } from "../pod/previous-end.ts";
import { statusWords, words } from "../pod/standstill.ts";
import type { Colour } from "./terminal-text.ts";

/** Every state that a session's pod can be in, with its colour. */
export const STATES = {
  /** An agent runs. */
  Running: "good",
  /** A start goes on. */
  Starting: "waiting",
  /** A box without an agent, made by `provision`. */
  Provisioned: "waiting",
  /** It is being deleted. */
  Stopping: "waiting",
  /** The agent has ended; its pod is there until the next start or a stop. */
  Ended: "bad",
  /** A start that has ended left it. */
  Abandoned: "bad",
  /** Its node does not report: nobody knows. */
  Unknown: "bad",
} satisfies Record<string, Colour>;

/** State of a session's pod. */
export type State = keyof typeof STATES;

/** State and reason, as the pod itself tells them; `serverNowMs` is the API server's clock. */
export function sessionState(pod: Pod, serverNowMs: number): { state: State; reason: string } {
  if (pod.metadata.deletionTimestamp) return { state: "Stopping", reason: disruption(pod) };
  if (hasEnded(pod)) return { state: "Ended", reason: endWords(pod) };
  const isUp = pod.status?.phase === "Running" && containerStatus(pod)?.state?.running !== undefined;
  const ready = condition(pod, "Ready");
  // A box has no readiness probe: not ready, with a running container, is a node that does not report.
  if (isUp && ready?.status === "False")
    return { state: "Unknown", reason: `node does not report since ${ready.lastTransitionTime ?? "?"}` };
  if (isUp && isLaunched(pod)) return { state: "Running", reason: disruption(pod) };
  if (isUp && isProvisioned(pod)) return { state: "Provisioned", reason: "" };
  const reason = isUp ? "staging and launching" : statusWords(pod);
  return { state: isStale(pod, serverNowMs) ? "Abandoned" : "Starting", reason };
}

function disruption(pod: Pod): string {
  const { reason, message } = condition(pod, "DisruptionTarget") ?? {};
  return reason ? words(reason, message) : "";
}

/** How the pod ended, in a few words. */
function endWords(pod: Pod): string {
  const end = previousEnd(pod);
  return end ? shortEnd(end) : statusWords(pod);
}

/** The end of a box in a few words, such as `OOMKilled, exit code 137`. */
export function shortEnd({ reason, cause, exitCode, signal }: PreviousEnd): string {
  const parts = [
    // What Kubernetes says of every end that is not 0, and of every one that is.
    reason && reason !== "Error" && reason !== "Completed" ? reason : undefined,
    cause && cause !== "exited" ? cause : undefined,
    signal ? `signal ${signal}` : undefined,
    exitCode === undefined || signal ? undefined : `exit code ${exitCode}`,
  ];
  return parts.filter((part) => part !== undefined).join(", ") || "ended";
}
