import { containerStatus, hasEnded, type Pod, stuckInit } from "../pod/pod-object.ts";
import { isPassing, STANDSTILL_MS, type Standstill, standstill, statusWords } from "../pod/standstill.ts";
import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { withAdvice } from "../provider/start-advice.ts";
import { withPatience } from "./patience.ts";
import { podEvidence } from "./pod-evidence.ts";
import { deletePod } from "./pods.ts";
import { quoted, type Session } from "./session.ts";
import { watchPod } from "./watch-pod.ts";

/** Reasons for which waiting never helps: kubelet and runtime report them once and stay with them. */
const TERMINAL_REASONS = new Set([
  "InvalidImageName",
  "ErrImageNeverPull",
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
]);

/** A pod that something promises to bring up gets so long: enough to pull a large image, and to say why before gc kills. */
const LONGEST_MS = 95_000;

/** Resolves with the pod once its container runs; throws as soon as it is certain, or likely for long, that it will not. */
export async function waitRunning(context: Context, session: Session, created: Pod): Promise<Pod> {
  const end = performance.now() + LONGEST_MS;
  const hopeful = new Set<Standstill>();
  const limitMs = (state: Standstill) => (hopeful.has(state) ? end - performance.now() : STANDSTILL_MS[state]);
  let last = created;
  for (;;) {
    const running = await withPatience<Pod | undefined>(
      context.signal,
      undefined,
      async (patience) => {
        let state: Standstill | undefined;
        for await (const pod of watchPod(context.client(), session, { signal: patience.signal, seen: last })) {
          if (!isStillThere(pod, created)) throw deletedWhileStarting(session);
          last = pod;
          if (isReady(pod, session)) return pod;
          if (state === standstill(pod)) continue;
          state = standstill(pod);
          patience.limit(limitMs(state));
        }
        throw notStarted(session, statusWords(last));
      },
      () => undefined,
    );
    if (running) return running;
    const state = standstill(last);
    const evidence = await podEvidence(context, session, last, state);
    if (state === "silent-node") await removeAtOnce(context, session, last);
    if (hopeful.has(state) || !evidence.isHopeful) throw notStarted(session, evidence.words);
    hopeful.add(state);
  }
}

/** Nobody confirms the removal of a pod on a silent node; should its kubelet run the box yet, that ends itself soon. */
async function removeAtOnce(context: Context, session: Session, pod: Pod): Promise<void> {
  const { namespace } = session;
  await deletePod(context.client(), pod, { namespace, gracePeriodSeconds: 0, signal: context.signal });
}

/** Whether `pod`, of which the API tells now, is the one that the start made, and stays. */
export function isStillThere(pod: Pod | undefined, created: Pod): pod is Pod {
  return pod?.metadata.uid === created.metadata.uid && !pod.metadata.deletionTimestamp;
}

/** What a start ends with whose pod was taken away. */
export function deletedWhileStarting(session: Session): OperationError {
  return new OperationError(`Cannot start ${quoted(session)}: its pod was deleted while it started`);
}

/** True when the container runs; throws when it never will. */
function isReady(pod: Pod, session: Session): boolean {
  const { state } = containerStatus(pod) ?? {};
  const { reason = "", message = "" } = (stuckInit(pod)?.state ?? state)?.waiting ?? {};
  if (hasEnded(pod) || state?.terminated || (TERMINAL_REASONS.has(reason) && !isPassing(message)))
    throw notStarted(session, statusWords(pod));
  return state?.running !== undefined;
}

/** Says why the pod does not run, in the words of Kubernetes, and what to do where that is known. */
export function notStarted(session: Session, why: string): OperationError {
  return new OperationError(`Cannot start ${quoted(session)}: pod "${session.pod}": ${withAdvice(why)}`);
}
