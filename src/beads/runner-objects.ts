import { deleteObject } from "../kube/delete-object.ts";
import { isConflict, isNotFound } from "../kube/errors.ts";
import { assertUid } from "../kube/uid.ts";
import { RunnerAnnotation } from "../pod/labels.ts";
import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import type { City } from "./city.ts";

/** The parts of the runner's StatefulSet that are read; field names as on the wire. */
export interface RunnerSet {
  metadata: {
    name: string;
    uid: string;
    resourceVersion: string;
    deletionTimestamp?: string;
    annotations?: Record<string, string>;
  };
  spec: { replicas?: number };
}

/** The parts of the runner's pod that are read. */
export interface RunnerPod {
  metadata: {
    name: string;
    uid: string;
    resourceVersion: string;
    deletionTimestamp?: string;
    annotations?: Record<string, string>;
  };
  spec: { nodeName?: string };
  status?: {
    phase?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string }[];
    containerStatuses?: {
      state?: { running?: object; waiting?: { reason?: string; message?: string } };
    }[];
  };
}

/** Path of the namespace's StatefulSets, or of one of them. */
export function setsPath(namespace: string, name?: string): string {
  const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/statefulsets`;
  return name ? `${path}/${encodeURIComponent(name)}` : path;
}

/** Path of the namespace's pods, or of one of them. */
export function podsPath(namespace: string, name?: string): string {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
  return name ? `${path}/${encodeURIComponent(name)}` : path;
}

/** The city's StatefulSet; undefined when there is none. */
export async function getRunnerSet(context: Context, city: City): Promise<RunnerSet | undefined> {
  const path = setsPath(city.namespace, city.runner);
  return ifPresent(
    context.client().json<RunnerSet>({ path, what: `GET statefulset "${city.runner}"`, signal: context.signal }),
  );
}

/** The runner's pod; undefined when there is none. */
export async function getRunnerPod(context: Context, city: City): Promise<RunnerPod | undefined> {
  const path = podsPath(city.namespace, city.pod);
  const what = `GET pod "${city.pod}"`;
  const pod = await ifPresent(context.client().json<RunnerPod>({ path, what, signal: context.signal }));
  if (pod) assertUid(pod.metadata?.uid, what);
  return pod;
}

async function ifPresent<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Deletes exactly the pod that was seen; one that is gone, or another of its name, counts as deleted. */
export async function deleteRunnerPod(
  context: Context,
  city: City,
  pod: RunnerPod,
  gracePeriodSeconds?: number,
): Promise<void> {
  await deleteObject(context.client(), {
    path: podsPath(city.namespace, city.pod),
    uid: pod.metadata.uid,
    what: `pod "${city.pod}"`,
    kind: "pods",
    options: { gracePeriodSeconds },
    signal: context.signal,
  });
}

/** Changes the StatefulSet as `change` says of what is there now; a change of somebody else's in between is looked at anew.
 * `change` returns undefined when nothing is to be changed. */
export async function patchRunnerSet(
  context: Context,
  city: City,
  change: (set: RunnerSet) => object | undefined,
): Promise<RunnerSet> {
  for (;;) {
    const set = await getRunnerSet(context, city);
    if (!set) throw new OperationError(`Cannot use statefulset "${city.runner}": it was deleted meanwhile`);
    const patch = change(set);
    if (!patch) return set;
    const { uid, resourceVersion } = set.metadata;
    const metadata = { uid, resourceVersion, ...("metadata" in patch ? (patch.metadata as object) : {}) };
    try {
      return await context.client().json<RunnerSet>({
        method: "PATCH",
        path: setsPath(city.namespace, city.runner),
        contentType: "application/merge-patch+json",
        body: { ...patch, metadata },
        what: `PATCH statefulset "${city.runner}"`,
        // Of a set that has changed since, by the first of two or by anybody, the second is refused.
        idempotent: true,
        signal: context.signal,
      });
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
}

/** Hash of what a set or a pod was made from. */
export function specOf(object: { metadata: { annotations?: Record<string, string> } }): string {
  return object.metadata.annotations?.[RunnerAnnotation.spec] ?? "";
}
