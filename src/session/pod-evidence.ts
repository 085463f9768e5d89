import { ApiError, isNotFound, TransportError } from "../kube/errors.ts";
import { list } from "../kube/watch.ts";
import { type Condition, condition, type Pod } from "../pod/pod-object.ts";
import { isPassing, type Standstill, statusWords, words } from "../pod/standstill.ts";
import type { Context } from "../provider/operation.ts";
import type { Session } from "./session.ts";

/** What was found out of a pod that stands still. */
export interface Evidence {
  words: string;
  /** Something goes on that may yet bring the pod up. */
  isHopeful: boolean;
}

/** The part of an Event that tells why. */
interface PodEvent {
  metadata: { name: string; creationTimestamp: string };
  type?: string;
  reason?: string;
  message?: string;
  eventTime?: string | null;
  lastTimestamp?: string | null;
  series?: { lastObservedTime?: string };
}

/** Events by which an autoscaler promises a node. */
const NODE_PROMISED = new Set(["TriggeredScaleUp", "Nominated"]);
/** Events by which a claim tells that nothing will make its volume. */
const NO_VOLUME = new Set(["ProvisioningFailed", "FailedBinding"]);

/** Looks once for what the pod's status does not say. What may not be read, or could not be, leaves less to tell. */
export async function podEvidence(
  context: Context,
  session: Session,
  pod: Pod,
  standstill: Standstill,
): Promise<Evidence> {
  if (waitsForVolume(context, pod, standstill)) return await claimEvidence(context, session);
  if (standstill === "no-scheduler") return { words: "no scheduler has taken the pod up", isHopeful: false };
  if (standstill === "silent-node") return { words: await nodeWords(context, pod), isHopeful: false };
  const events = await eventsOf(context, session, `involvedObject.uid=${pod.metadata.uid}`);
  const last = events.at(-1);
  switch (standstill) {
    case "unschedulable":
      return { words: statusWords(pod), isHopeful: events.some(({ reason }) => NODE_PROMISED.has(reason ?? "")) };
    case "pull": {
      const secret = events.find(({ reason }) => reason === "FailedToRetrieveImagePullSecret")?.message;
      return { words: statusWords(pod) + (secret ? ` (${secret})` : ""), isHopeful: false };
    }
    case "creating":
      // The kubelet takes a pause between pulls for normal.
      return last?.type === "Warning" || last?.reason === "BackOff"
        ? { words: words(last.reason, last.message), isHopeful: isPassing(last.message ?? "") }
        : {
            words: statusWords(pod) + (last ? ` (last event: ${words(last.reason, last.message)})` : ""),
            isHopeful: true,
          };
  }
}

/** A scheduler leaves a pod alone, or calls it unschedulable, while a volume is made for its claim. */
function waitsForVolume({ settings }: Context, pod: Pod, standstill: Standstill): boolean {
  if (settings.get("GC_K8S_WORKSPACE") !== "claim") return false;
  return (
    standstill === "no-scheduler" || (standstill === "unschedulable" && /PersistentVolumeClaim/.test(statusWords(pod)))
  );
}

/** A cloud takes its time to make a volume; one that cannot be made is told of by the claim's Events. */
async function claimEvidence(context: Context, session: Session): Promise<Evidence> {
  const selector = `involvedObject.kind=PersistentVolumeClaim,involvedObject.name=${session.pod}`;
  const last = (await eventsOf(context, session, selector)).at(-1);
  const told = words(last?.reason ?? "FailedBinding", last?.message ?? "the session's claim has no volume yet");
  return { words: told, isHopeful: !NO_VOLUME.has(last?.reason ?? "") };
}

/** Events of a pod or of its claim, oldest first. */
async function eventsOf(context: Context, session: Session, fieldSelector: string): Promise<PodEvent[]> {
  const what = `GET events of pod "${session.pod}"`;
  const { items } = await tolerant(context, { items: [], resourceVersion: "" }, () =>
    list<PodEvent>(context.client(), {
      path: `/api/v1/namespaces/${encodeURIComponent(session.namespace)}/events`,
      what,
      fieldSelector,
      signal: context.signal,
    }),
  );
  return items.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/** Times have whole seconds; an Event's name ends with the nanosecond of its first occurrence. */
function sortKey({ metadata, eventTime, lastTimestamp, series }: PodEvent): string {
  const time = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp;
  return `${time.slice(0, 19)} ${metadata.name}`;
}

/** What is known of a node whose kubelet has not taken the pod up. */
async function nodeWords(context: Context, pod: Pod): Promise<string> {
  const name = pod.spec.nodeName ?? "";
  const ready = await tolerant<Condition | undefined>(context, undefined, async () => {
    const path = `/api/v1/nodes/${encodeURIComponent(name)}`;
    const node = await context.client().json<Pod>({ path, what: `GET node "${name}"`, signal: context.signal });
    return condition(node, "Ready");
  });
  if (ready && ready.status !== "True")
    return `node "${name}" has not reported since ${ready.lastTransitionTime}: ${words(ready.reason, ready.message)}`;
  const since = condition(pod, "PodScheduled")?.lastTransitionTime ?? pod.metadata.creationTimestamp;
  return `node "${name}" has not taken up the pod that it was given at ${since}`;
}

async function tolerant<T>(context: Context, otherwise: T, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof TransportError)) throw error;
    // Roles without nodes and events are usual; an absent node is told of by its name alone.
    if (!isNotFound(error) && !(error instanceof ApiError && error.code === 403)) context.log.warn(error.message);
    return otherwise;
  }
}
