import { deleteObject } from "../kube/delete-object.ts";
import { isNotFound } from "../kube/errors.ts";
import type { KubeClient } from "../kube/request.ts";
import { assertUid, isUid } from "../kube/uid.ts";
import { Annotation } from "../pod/labels.ts";
import type { Pod } from "../pod/pod-object.ts";
import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import type { Session } from "./session.ts";

/** The API server drops spec and status when asked so (KEP-2334, stable since Kubernetes 1.15). */
export const METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

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
    assertUid(pod?.metadata?.uid, what);
    assertOwn(pod, session);
    return pod;
  } catch (error) {
    if (isNotFound(error, "pods")) return undefined;
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

/** Deletes exactly the pod that was seen; a pod that is gone, or another of the same name, counts as deleted.
 * Resolves with the pod as the deletion found it. */
export async function deletePod(
  client: KubeClient,
  pod: { metadata: { name: string; uid: string } },
  options: { namespace: string; gracePeriodSeconds?: number; signal: AbortSignal },
): Promise<Pod | undefined> {
  const { name, uid } = pod.metadata;
  const { namespace, gracePeriodSeconds, signal } = options;
  const found = await deleteObject<Pod & { kind?: string }>(client, {
    path: podsPath(namespace, name),
    uid,
    what: `pod "${name}"`,
    kind: "pods",
    options: { gracePeriodSeconds },
    signal,
  });
  // The server answers with a Status when it is gone at once.
  return found?.kind === "Pod" && isUid(found.metadata?.uid) ? found : undefined;
}

/** The pod that a call has made, if its answer has arrived. */
export interface MadePod {
  startId: string;
  known: Pod | undefined;
}

/** Removes the pod that was made with the start id, and no other; a POST whose answer was lost may have made it, too. */
export async function removeMade(
  context: Context,
  session: Session,
  { startId, known }: MadePod,
  signal: AbortSignal,
): Promise<void> {
  const client = context.client();
  const pod = known ?? (await getPod(client, session, signal));
  if (pod?.metadata.annotations?.[Annotation.startId] !== startId) return;
  await deletePod(client, pod, { namespace: session.namespace, gracePeriodSeconds: 1, signal });
}
