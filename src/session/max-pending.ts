import { list } from "../kube/watch.ts";
import { AGENT_APP, Annotation, Label } from "../pod/labels.ts";
import { labelValue } from "../pod/names.ts";
import { isLaunched, isProvisioned, isStale, type PodMetadata } from "../pod/pod-object.ts";
import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { METADATA_ONLY, podsPath } from "./pods.ts";
import { CHECK_PREFIX, quoted, type Session } from "./session.ts";

/** Refuses a start while as many boxes of the city wait for their launch as GC_K8S_MAX_PENDING allows.
 * Costs one LIST, and none without the setting. Starts at the same instant may pass together: it spares the cluster, it is no lock. */
export async function assertRoom(context: Context, session: Session): Promise<void> {
  const most = Number(context.settings.get("GC_K8S_MAX_PENDING"));
  if (most === 0) return;
  const { items } = await list<PodMetadata>(context.client(), {
    path: podsPath(session.namespace),
    what: "GET pods of the city",
    labelSelector: `${Label.app}=${AGENT_APP},${Label.city}=${labelValue(session.city)}`,
    fieldSelector: "status.phase!=Failed,status.phase!=Succeeded",
    accept: METADATA_ONLY,
    signal: context.signal,
  });
  // Whether this session itself can start is for its POST to say.
  if (items.some(({ metadata }) => metadata.name === session.pod)) return;
  const pending = items.filter((pod) => isPending(pod, session.city, context.client().serverNowMs));
  if (pending.length < most) return;
  throw new OperationError(
    `Cannot start ${quoted(session)}: ${pending.length} pods of city "${session.city}" wait to be launched and ` +
      `GC_K8S_MAX_PENDING is ${most}; retry when they run`,
  );
}

/** Nothing is ever launched in the box that an image is checked in. */
function isPending(pod: PodMetadata, city: string, serverNowMs: number): boolean {
  const { annotations = {}, deletionTimestamp } = pod.metadata;
  const isOfCity = annotations[Annotation.cityName] === city && deletionTimestamp === undefined;
  const isCheck = annotations[Annotation.sessionName]?.startsWith(CHECK_PREFIX) === true;
  return isOfCity && !isCheck && !isLaunched(pod) && !isProvisioned(pod) && !isStale(pod, serverNowMs);
}
