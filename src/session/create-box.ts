import { isAlreadyExists, TransportError } from "../kube/errors.ts";
import { sleep } from "../kube/retry.ts";
import { assertUid } from "../kube/uid.ts";
import { type AgentPodInput, agentPod, cityPathHash } from "../pod/agent-pod.ts";
import { Annotation } from "../pod/labels.ts";
import { containerStatus, hasEnded, isLaunched, isProvisioned, isStale, type Pod } from "../pod/pod-object.ts";
import { type PreviousEnd, previousEnd, previousEndAnnotation } from "../pod/previous-end.ts";
import { FactError, OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { agentState } from "./agent-state.ts";
import { withPatience } from "./patience.ts";
import { deletePod, getPod, podsPath } from "./pods.ts";
import { lastLines } from "./previous-end.ts";
import { quoted, type Session } from "./session.ts";
import { stillTerminating, waitGone, waitWhile } from "./watch-pod.ts";

/** A start that finds another one under way waits so long for its box, and then for its outcome, before it gives up: a
 * box whose launch does not begin ends itself 20 s after its own start, which a busy node has late and tells later. */
const RIVAL_PATIENCE_MS = 30_000;

/** What the session's old pod gets to go away; its grace is 1 s. */
const GONE_WITHIN_MS = 8_000;

/** Makes the session's pod. The name is the lock: whoever's POST succeeds has the session to start.
 * Throws `FactError` ("already exists") when the session runs. */
export async function createBox(context: Context, session: Session, input: AgentPodInput): Promise<Pod> {
  let previous: PreviousEnd | undefined;
  for (;;) {
    const annotations = { ...input.annotations, ...previousEndAnnotation(previous) };
    const created = await post(context, session, { ...input, annotations });
    if (created) return created;
    const existing = await getPod(context.client(), session, context.signal);
    if (existing?.metadata.annotations?.[Annotation.startId] === input.startId) return existing;
    if (existing) previous = (await clearTheWay(context, session, existing, input)) ?? previous;
  }
}

/** Resolves with the new pod, or undefined when the name is taken, possibly by a POST of ours whose answer was lost. */
async function post(context: Context, session: Session, input: AgentPodInput): Promise<Pod | undefined> {
  const client = context.client();
  const what = `POST pod "${session.pod}"`;
  try {
    const made = await client.json<Pod>({
      method: "POST",
      path: podsPath(session.namespace),
      // A misspelt field of the pod template must not be dropped without a word.
      query: { fieldValidation: "Strict" },
      body: agentPod(input),
      what,
      signal: context.signal,
    });
    // By its UID it is known from now on; without one, nobody can tell what has been made.
    assertUid(made?.metadata?.uid, what);
    return made;
  } catch (error) {
    if (isAlreadyExists(error)) return undefined;
    if (!(error instanceof TransportError)) throw error;
    // The answer was lost, not necessarily the request; the start id tells whose pod is there now.
    const pod = await getPod(client, session, context.signal);
    if (pod?.metadata.annotations?.[Annotation.startId] === input.startId) return pod;
    throw error;
  }
}

/** Decides about a pod that holds the name; resolves when the name may be free, with the end of the session that had it. */
async function clearTheWay(
  context: Context,
  session: Session,
  pod: Pod,
  input: AgentPodInput,
): Promise<PreviousEnd | undefined> {
  const { namespace } = session;
  const { signal } = context;
  assertSameCity(pod, session, input);
  const isGoing = pod.metadata.deletionTimestamp !== undefined;
  const isOver = isGoing || hasEnded(pod) || isProvisioned(pod) || isStale(pod, context.client().serverNowMs);
  if (!isOver) {
    if (!isLaunched(pod)) {
      await waitForRival(context, session, pod);
      return undefined;
    }
    // The API shows an agent's end up to 2.5 s late; only the box itself can say that it runs.
    const state = await agentState(context, session);
    if (state === "running") throw new FactError(`${quoted(session)} already exists (pod: ${session.pod})`);
    // Marked but not committed yet: the box commits or ends itself in seconds.
    if (state === "absent") {
      await sleep(200, signal);
      return undefined;
    }
  }
  const lines = isLaunched(pod) ? await lastLines(context, session) : undefined;
  const options = { namespace, gracePeriodSeconds: 1, signal };
  const found = isGoing ? pod : await deletePod(context.client(), pod, options);
  // Deletion and watch show the pod's end, also one that the API did not know of before.
  const end = previousEnd(await seeOff(context, session, found ?? pod));
  if (end) context.log.previous = { ...end, lastLines: lines };
  return end;
}

/** Waits for the end of a pod that is being deleted. gc kills a start that waits for a node that is lost. */
async function seeOff(context: Context, session: Session, pod: Pod): Promise<Pod> {
  const gone = ({ signal }: { signal: AbortSignal }) => waitGone(context.client(), session, pod, { signal });
  return await withPatience(context.signal, GONE_WITHIN_MS, gone, () => {
    throw new OperationError(`Cannot start ${quoted(session)}: ${stillTerminating(pod, GONE_WITHIN_MS)}`);
  });
}

/** Another start is under way, or its client was killed: then its box ends itself soon. */
async function waitForRival(context: Context, session: Session, pod: Pod): Promise<void> {
  const isUnderWay = (now: Pod) => !isLaunched(now) && !hasEnded(now);
  const lacksItsBox = (now: Pod) => isUnderWay(now) && !containerStatus(now)?.state?.running;
  for (const holds of [lacksItsBox, isUnderWay]) {
    const over = ({ signal }: { signal: AbortSignal }) => waitWhile(context.client(), session, pod, { signal, holds });
    await withPatience(context.signal, RIVAL_PATIENCE_MS, over, () => {
      const since = pod.metadata.creationTimestamp;
      throw new OperationError(`${quoted(session)} is being started by another call (started ${since})`);
    });
  }
}

function assertSameCity(pod: Pod, session: Session, input: AgentPodInput): void {
  const theirs = pod.metadata.annotations?.[Annotation.cityPath];
  if (!theirs || !input.cityPath || theirs === cityPathHash(input.cityPath)) return;
  throw new OperationError(
    `Cannot start ${quoted(session)}: pod "${session.pod}" was made by a city of another path; ` +
      `both call themselves "${session.city}": give each city its own GC_K8S_CITY`,
  );
}
