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
  spec: ClaimSpec & { volumeName?: string };
}

/** What the settings say of a claim. */
interface ClaimSpec {
  accessModes: string[];
  /** Left out, it is the cluster's default class. */
  storageClassName?: string;
  resources: { requests: { storage: string } };
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
  const other = difference(claim.spec, claimSpec(context.settings));
  if (!other) return;
  // Class and access mode of a claim are for good; what lies on a volume is worth more than a setting.
  if (claim.spec.volumeName) context.log.warn(`claim "${name}" keeps its volume, though it was made with ${other}`);
  else
    throw new OperationError(
      `Cannot start ${quoted(session)}: its claim "${name}" was made with ${other} and has no volume yet: ` +
        `delete it (kubectl -n ${session.namespace} delete pvc ${name}), and the next start makes it as it is set now`,
    );
}

/** The setting that the claim was made with another value of, and that value; undefined when there is none. */
function difference(made: ClaimSpec, wanted: ClaimSpec): string | undefined {
  const { storageClassName: className } = made;
  if (wanted.storageClassName && className !== wanted.storageClassName)
    return `GC_K8S_WORKSPACE_CLASS=${className ?? "(the default)"}`;
  const modes = made.accessModes.join(",");
  return modes === wanted.accessModes.join(",") ? undefined : `GC_K8S_WORKSPACE_ACCESS_MODE=${modes}`;
}

/** The claim, as it is made for a session's first start. */
export function claimManifest(session: Session, settings: Settings): object {
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
    spec: claimSpec(settings),
  };
}

function claimSpec(settings: Settings): ClaimSpec {
  const storageClassName = settings.get("GC_K8S_WORKSPACE_CLASS");
  return {
    accessModes: [settings.get("GC_K8S_WORKSPACE_ACCESS_MODE")],
    ...(storageClassName && { storageClassName }),
    resources: { requests: { storage: settings.get("GC_K8S_WORKSPACE_SIZE") } },
  };
}
