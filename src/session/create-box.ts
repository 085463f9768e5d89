import { ApiError, isAlreadyExists, TransportError } from "../kube/errors.ts";
import { sleep } from "../kube/retry.ts";
import { type AgentPodInput, agentPod, cityPathHash } from "../pod/agent-pod.ts";
import { Annotation } from "../pod/labels.ts";
import { FactError, OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { agentState } from "./agent-state.ts";
import { deletePod, getPod, hasEnded, isLaunched, type Pod, podsPath } from "./pods.ts";
import { quoted, type Session } from "./session.ts";
import { withAdvice } from "./start-advice.ts";
import { waitGone, waitWhile } from "./watch-pod.ts";

/** A start that finds another one under way waits so long for its outcome before it gives up. */
const RIVAL_PATIENCE_MS = 30_000;

/** Makes the session's pod. The name is the lock: whoever's POST succeeds has the session to start.
 * Throws `FactError` ("already exists") when the session runs. */
export async function createBox(context: Context, session: Session, input: AgentPodInput): Promise<Pod> {
  for (;;) {
    const created = await post(context, session, input);
    if (created) return created;
    const existing = await getPod(context.client(), session, context.signal);
    if (existing?.metadata.annotations?.[Annotation.startId] === input.startId) return existing;
    if (existing) await clearTheWay(context, session, existing, input);
  }
}

/** Resolves with the new pod, or undefined when the name is taken, possibly by a POST of ours whose answer was lost. */
async function post(context: Context, session: Session, input: AgentPodInput): Promise<Pod | undefined> {
  const client = context.client();
  const what = `POST pod "${session.pod}"`;
  try {
    return await client.json<Pod>({
      method: "POST",
      path: podsPath(session.namespace),
      body: agentPod(input),
      what,
      signal: context.signal,
    });
  } catch (error) {
    if (isAlreadyExists(error)) return undefined;
    if (error instanceof ApiError && error.code < 500)
      throw new OperationError(`Cannot start ${quoted(session)}: ${withAdvice(error.status.message ?? error.message)}`);
    if (!(error instanceof TransportError)) throw error;
    // The answer was lost, not necessarily the request; the start id tells whose pod is there now.
    const pod = await getPod(client, session, context.signal);
    if (pod?.metadata.annotations?.[Annotation.startId] === input.startId) return pod;
    throw error;
  }
}

/** Decides about a pod that holds the name; returns when the name may be free. */
async function clearTheWay(context: Context, session: Session, pod: Pod, input: AgentPodInput): Promise<void> {
  const { namespace } = session;
  const { signal } = context;
  assertSameCity(pod, session, input);
  if (pod.metadata.deletionTimestamp) return waitGone(context.client(), session, pod, { signal });
  if (!hasEnded(pod) && !isStale(pod, context.client().serverNowMs)) {
    if (!isLaunched(pod)) return waitForRival(context, session, pod);
    // The API shows an agent's end up to 2.5 s late; only the box itself can say that it runs.
    const state = await agentState(context, session);
    if (state === "running") throw new FactError(`${quoted(session)} already exists (pod: ${session.pod})`);
    // Marked but not committed yet: the box commits or ends itself in seconds.
    if (state === "absent") return sleep(200, signal);
  }
  await deletePod(context.client(), pod, { namespace, gracePeriodSeconds: 1, signal });
  return waitGone(context.client(), session, pod, { signal });
}

/** Another start is under way, or its client was killed: then its box ends itself soon. */
async function waitForRival(context: Context, session: Session, pod: Pod): Promise<void> {
  const patience = AbortSignal.timeout(RIVAL_PATIENCE_MS);
  const signal = AbortSignal.any([context.signal, patience]);
  const isStarting = (now: Pod) => !isLaunched(now) && !hasEnded(now);
  await waitWhile(context.client(), session, pod, { signal, holds: isStarting }).catch((error: unknown) => {
    if (!patience.aborted || context.signal.aborted) throw error;
    const since = pod.metadata.creationTimestamp;
    throw new OperationError(`${quoted(session)} is being started by another call (started ${since})`);
  });
}

/** An unlaunched pod whose start has certainly ended: nothing else would ever remove one that never got a node. */
function isStale(pod: Pod, serverNowMs: number): boolean {
  const limitMs = Number(pod.metadata.annotations?.[Annotation.startSeconds]) * 1000;
  return !isLaunched(pod) && serverNowMs > Date.parse(pod.metadata.creationTimestamp) + limitMs;
}

function assertSameCity(pod: Pod, session: Session, input: AgentPodInput): void {
  const theirs = pod.metadata.annotations?.[Annotation.cityPath];
  if (!theirs || !input.cityPath || theirs === cityPathHash(input.cityPath)) return;
  throw new OperationError(
    `Cannot start ${quoted(session)}: pod "${session.pod}" was made by a city of another path; ` +
      `both call themselves "${session.city}": give each city its own GC_K8S_CITY`,
  );
}
