import { isNotFound } from "../kube/errors.ts";
import { Annotation, Label } from "../pod/labels.ts";
import { podName, sessionNameProblem } from "../pod/names.ts";
import type { Pod } from "../pod/pod-object.ts";
import { OperationError, UsageError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { objectsPath } from "./kinds.ts";

/** An agent's pod as `gc-k8s` reads it. */
export interface SessionPod extends Pod {
  metadata: Pod["metadata"] & { labels?: Record<string, string> };
}

/** Where pods are. */
export const PODS = { kind: "Pod", api: "/api/v1", plural: "pods" };

/** Where the session that argument 0 names is kept. */
export interface SessionPlace {
  session: string;
  city: string;
  namespace: string;
  /** Name of its pod. */
  pod: string;
}

/** The session that argument 0 names, of the city that the settings name; throws `UsageError` for a name that none can have. */
export function namedPlace({ args, settings }: Context): SessionPlace {
  const session = args[0] ?? "";
  const problem = session === "" ? "it is empty" : sessionNameProblem(session);
  if (problem) throw new UsageError(`Cannot use the session name "${session.slice(0, 80)}": ${problem}`);
  const city = settings.get("GC_K8S_CITY");
  return { session, city, namespace: settings.get("GC_K8S_NAMESPACE"), pod: podName({ session, city }) };
}

/** The session's pod; undefined when it has none. */
export async function findPod(context: Context, { namespace, pod }: SessionPlace): Promise<SessionPod | undefined> {
  try {
    return await context.client().json<SessionPod>({
      path: objectsPath(PODS, namespace, pod),
      what: `GET pod "${pod}"`,
      signal: context.signal,
    });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The session's pod. People are told of a name that is none, where gc's operations print nothing. */
export async function requirePod(context: Context, place: SessionPlace): Promise<SessionPod> {
  const pod = await findPod(context, place);
  if (pod) return pod;
  throw new OperationError(
    `Cannot reach session "${place.session}": city "${place.city}" has no pod of it in namespace "${place.namespace}"; ` +
      "gc-k8s status lists its sessions",
  );
}

/** The session's name as gc gave it; the label's where a pod was made by other means. */
export function sessionOf({ metadata }: SessionPod): string {
  return metadata.annotations?.[Annotation.sessionName] ?? metadata.labels?.[Label.session] ?? metadata.name;
}
