import { ApiError } from "../kube/errors.ts";
import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { MANAGER, Owned } from "./installation.ts";
import { type Found, isForbidden, type Metadata, metadataOf } from "./inventory.ts";
import { kindNamed, objectsPath } from "./kinds.ts";
import type { Manifest } from "./manifest.ts";

/** What became of an object. */
export interface Change {
  kind: string;
  name: string;
  change: "created" | "configured" | "unchanged" | "left alone" | "deleted" | "kept";
}

/** How objects are applied. */
export interface ApplyOptions {
  isDryRun: boolean;
  /** Takes over fields that others have set. */
  isForced: boolean;
}

/** Applies an object by server-side apply, with our field manager; repeating it changes nothing.
 * Throws when it is somebody else's, or when others have set fields of it. */
export async function apply(
  context: Context,
  object: Manifest,
  found: Found[],
  { isDryRun, isForced }: ApplyOptions,
): Promise<Change> {
  const kind = kindNamed(object.kind);
  const { name, namespace = "" } = object.metadata;
  const own = found.find((each) => each.kind === kind && each.metadata.name === name)?.metadata;
  const before = own ?? (await metadataOf(context, kind, namespace, name));
  if (before && !own && !isForced) assertOurs(object, before);
  const { metadata } = await context
    .client()
    .json<{ metadata: Metadata }>({
      method: "PATCH",
      path: objectsPath(kind, namespace, name),
      query: {
        fieldManager: MANAGER,
        force: isForced,
        fieldValidation: "Strict",
        dryRun: isDryRun ? "All" : undefined,
      },
      contentType: "application/apply-patch+yaml",
      body: object,
      what: `apply ${kind.kind} "${name}"`,
      idempotent: true,
      signal: context.signal,
    })
    .catch((error: unknown) => {
      throw withFix(error, object);
    });
  const isSame = before?.resourceVersion === metadata.resourceVersion;
  return { kind: kind.kind, name, change: before ? (isSame ? "unchanged" : "configured") : "created" };
}

/** Creates the namespace unless it is there; one that somebody else made stays as it is. */
export async function applyNamespace(context: Context, object: Manifest, options: ApplyOptions): Promise<Change> {
  const { name } = object.metadata;
  const before = await metadataOf(context, kindNamed("Namespace"), "", name).catch((error: unknown) => {
    // Who may not look at namespaces works in one that somebody gave them.
    if (isForbidden(error)) return "unseen" as const;
    throw error;
  });
  const isOurs = before === undefined || (before !== "unseen" && before.labels?.[Owned.managedBy] === MANAGER);
  if (!isOurs) return { kind: "Namespace", name, change: "left alone" };
  return await apply(context, object, [], options).catch((error: unknown) => {
    if (!isForbidden(error)) throw error;
    // One that is there serves as it is; its labels are nothing that a city needs.
    if (before) return { kind: "Namespace", name, change: "left alone" };
    throw new OperationError(
      `Cannot install: namespace "${name}" is absent, and the user may not make it; ` +
        `let an administrator run kubectl create namespace ${name}`,
    );
  });
}

function assertOurs({ kind, metadata: { name } }: Manifest, { labels }: Metadata): void {
  if (labels?.[Owned.partOf] === MANAGER && [undefined, MANAGER].includes(labels[Owned.managedBy])) return;
  const owner = labels?.[Owned.managedBy];
  throw new OperationError(
    `Cannot install ${kind} "${name}": one is there that ${owner ? `"${owner}"` : "somebody else"} made; ` +
      "remove it, use another namespace, or take it over with --force-conflicts",
  );
}

function withFix(error: unknown, { kind, metadata: { name } }: Manifest): unknown {
  if (!(error instanceof ApiError)) return error;
  if (error.code === 409 && error.reason === "Conflict")
    return new OperationError(
      `Cannot install ${kind} "${name}": ${error.message}; take these fields over with --force-conflicts`,
    );
  if (error.code === 422 && kind === "StatefulSet")
    return new OperationError(
      `Cannot install ${kind} "${name}": ${error.message}; volumes cannot change: use the storage class of before, ` +
        `or remove the StatefulSet with kubectl delete --cascade=orphan first`,
    );
  return error;
}
