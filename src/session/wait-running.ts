import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { condition, containerStatus, hasEnded, type Pod } from "./pods.ts";
import { quoted, type Session } from "./session.ts";
import { withAdvice } from "./start-advice.ts";
import { watchPod } from "./watch-pod.ts";

/** Reasons for which waiting never helps: kubelet and runtime report them once and stay with them. */
const TERMINAL_REASONS = new Set([
  "InvalidImageName",
  "ErrImageNeverPull",
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
]);

/** Pulling is retried by the kubelet and may yet succeed, but gc has to hear of it before its own limit. */
const PULL_REASONS = new Set(["ImagePullBackOff", "ErrImagePull"]);
const PULL_PATIENCE_MS = 6_000;
const SCHEDULE_PATIENCE_MS = 6_000;

/** Resolves with the pod once its container runs; throws as soon as it is certain, or likely for long, that it will not. */
export async function waitRunning(context: Context, session: Session, created: Pod): Promise<Pod> {
  const patience = new Patience(context.signal);
  let last = created;
  try {
    for await (const pod of watchPod(context.client(), session, { signal: patience.signal, seen: created })) {
      assertStillOurs(pod, created, session);
      last = pod;
      if (isReady(pod, session)) return pod;
      patience.look(pod);
    }
  } catch (error) {
    if (patience.isOver() && !context.signal.aborted) throw notStarted(session, last);
    throw error;
  }
  throw notStarted(session, last);
}

function assertStillOurs(pod: Pod | undefined, created: Pod, session: Session): asserts pod is Pod {
  if (pod && pod.metadata.uid === created.metadata.uid && !pod.metadata.deletionTimestamp) return;
  throw new OperationError(`Cannot start ${quoted(session)}: its pod was deleted while it started`);
}

/** True when the container runs; throws when it never will. */
function isReady(pod: Pod, session: Session): boolean {
  const { state } = containerStatus(pod) ?? {};
  if (hasEnded(pod) || state?.terminated || TERMINAL_REASONS.has(state?.waiting?.reason ?? ""))
    throw notStarted(session, pod);
  return state?.running !== undefined;
}

/** Ends a wait when the pod has been in a hopeless state for longer than such states usually last. */
class Patience {
  readonly #controller = new AbortController();
  readonly signal: AbortSignal;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(outer: AbortSignal) {
    this.signal = AbortSignal.any([outer, this.#controller.signal]);
  }

  isOver(): boolean {
    return this.#controller.signal.aborted;
  }

  look(pod: Pod): void {
    const limitMs = patienceMs(pod);
    if (limitMs === undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else this.#timer ??= setTimeout(() => this.#controller.abort(new Error("out of patience")), limitMs);
  }
}

function patienceMs(pod: Pod): number | undefined {
  if (PULL_REASONS.has(containerStatus(pod)?.state?.waiting?.reason ?? "")) return PULL_PATIENCE_MS;
  return condition(pod, "PodScheduled")?.status === "False" ? SCHEDULE_PATIENCE_MS : undefined;
}

/** Says why the pod does not run, in the words of Kubernetes, and what to do where that is known. */
function notStarted(session: Session, pod: Pod): OperationError {
  const { waiting, terminated } = containerStatus(pod)?.state ?? {};
  const scheduled = condition(pod, "PodScheduled");
  const [reason, message] = waiting
    ? [waiting.reason, waiting.message]
    : terminated
      ? [`${terminated.reason ?? "Error"} (exit code ${terminated.exitCode})`, terminated.message]
      : scheduled?.status === "False"
        ? [scheduled.reason, scheduled.message]
        : [pod.status?.reason ?? pod.status?.phase, pod.status?.message];
  const words = `${reason ?? "not up"}${message ? `: ${message}` : ""}`;
  return new OperationError(`Cannot start ${quoted(session)}: pod "${session.pod}": ${withAdvice(words)}`);
}
