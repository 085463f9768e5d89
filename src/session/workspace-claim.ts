import { isAlreadyExists, isNotFound } from "../kube/errors.ts";
import { Annotation, Label, WORKSPACE_APP } from "../pod/labels.ts";
import { labelValue } from "../pod/names.ts";
import { errorLine, OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import type { Settings } from "../provider/settings.ts";
import { withAdvice } from "../provider/start-advice.ts";
import { quoted, type Session } from "./session.ts";

/** The parts of a PersistentVolumeClaim that are read. */
interface Claim {
  metadata: { name: string; deletionTimestamp?: string; annotations?: Record<string, string> };
}

/** Makes sure that the session's claim is there. It outlives pods, stops and failed starts: only a person removes it. */
export async function ensureClaim(context: Context, session: Session): Promise<void> {
  const client = context.client();
  const collection = `/api/v1/namespaces/${encodeURIComponent(session.namespace)}/persistentvolumeclaims`;
  const name = session.pod;
  const { signal } = context;
  context.log.phase("claim");
  try {
    const body = claimManifest(session, context.settings);
    await client.json({ method: "POST", path: collection, body, what: `POST claim "${name}"`, signal });
    return;
  } catch (error) {
    if (!isAlreadyExists(error))
      throw new OperationError(
        `Cannot start ${quoted(session)}: its workspace cannot be claimed: ${withAdvice(errorLine(error))}`,
      );
  }
  const claim = await client
    .json<Claim>({ path: `${collection}/${name}`, what: `GET claim "${name}"`, signal })
    .catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
  if (!claim || claim.metadata.deletionTimestamp)
    throw new OperationError(
      `Cannot start ${quoted(session)}: its claim "${name}" is being deleted; a retry can succeed once it is gone`,
    );
  const { annotations = {} } = claim.metadata;
  if (annotations[Annotation.sessionName] !== session.session || annotations[Annotation.cityName] !== session.city)
    throw new OperationError(`Cannot start ${quoted(session)}: claim "${name}" belongs to something else`);
}

/** The claim, as it is made for a session's first start. */
export function claimManifest(session: Session, settings: Settings): object {
  const storageClassName = settings.get("GC_K8S_WORKSPACE_CLASS");
  const size = settings.get("GC_K8S_WORKSPACE_SIZE");
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      // As the pod: one name of a session in everything that the cluster holds of it.
      name: session.pod,
      namespace: session.namespace,
      labels: {
        [Label.app]: WORKSPACE_APP,
        [Label.session]: labelValue(session.session),
        [Label.city]: labelValue(session.city),
      },
      annotations: { [Annotation.sessionName]: session.session, [Annotation.cityName]: session.city },
    },
    spec: {
      accessModes: [settings.get("GC_K8S_WORKSPACE_ACCESS_MODE")],
      ...(storageClassName && { storageClassName }),
      resources: { requests: { storage: size } },
    },
  };
}
