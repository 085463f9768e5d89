import { deleteObject } from "../kube/delete-object.ts";
import { ApiError, isNotFound } from "../kube/errors.ts";
import { list } from "../kube/watch.ts";
import { Annotation } from "../pod/labels.ts";
import type { Context } from "../provider/operation.ts";
import { MANAGER, Owned } from "./installation.ts";
import { KINDS, type Kind, objectsPath } from "./kinds.ts";

/** Metadata of an object in the cluster; field names as on the wire. */
export interface Metadata {
  name: string;
  uid: string;
  resourceVersion: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  managedFields?: { manager?: string; operation?: string }[];
}

/** An object in the cluster. */
export interface Found {
  kind: Kind;
  metadata: Metadata;
}

/** Leaves out all but the metadata (KEP-2334). */
export const METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
/** The same for a list. */
export const METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/** Everything in the namespace that an installation made and that is there still. */
export async function inventory(context: Context, namespace: string): Promise<Found[]> {
  const kinds = KINDS.filter(({ isClusterWide }) => !isClusterWide);
  const found = await Promise.all(kinds.map((kind) => ownedOfKind(context, namespace, kind)));
  return found.flat();
}

async function ownedOfKind(context: Context, namespace: string, kind: Kind): Promise<Found[]> {
  const { items } = await list<{ metadata: Metadata }>(context.client(), {
    path: objectsPath(kind, namespace),
    what: `GET ${kind.plural} of the installation`,
    labelSelector: `${Owned.managedBy}=${MANAGER},${Owned.partOf}=${MANAGER}`,
    accept: METADATA_LIST,
    signal: context.signal,
  });
  return items.map(({ metadata }) => ({ kind, metadata })).filter(({ metadata }) => isOwn(metadata));
}

/** A label can be copied; that our field manager applied the object cannot. */
function isOwn({ managedFields = [] }: Metadata): boolean {
  return managedFields.some(({ manager, operation }) => manager === MANAGER && operation === "Apply");
}

/** Cities that are installed in the namespace. */
export function installedCities(found: Found[]): string[] {
  return [...new Set(found.map(cityOf).filter((city) => city !== undefined))].sort();
}

/** The city that the object serves; undefined = all of the namespace. */
export function cityOf({ metadata }: Found): string | undefined {
  return metadata.annotations?.[Annotation.cityName];
}

/** Metadata of one object; undefined when there is none. */
export async function metadataOf(
  context: Context,
  kind: Kind,
  namespace: string,
  name: string,
): Promise<Metadata | undefined> {
  try {
    const { metadata } = await context.client().json<{ metadata: Metadata }>({
      path: objectsPath(kind, namespace, name),
      what: `GET ${kind.kind} "${name}"`,
      accept: METADATA,
      signal: context.signal,
    });
    return metadata;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Deletes exactly the object that was seen; one that is gone, or another of its name, counts as deleted. */
export async function remove(
  context: Context,
  path: string,
  { name, uid }: Pick<Metadata, "name" | "uid">,
  isDryRun: boolean,
): Promise<void> {
  await deleteObject(context.client(), {
    path,
    uid,
    what: `"${name}"`,
    options: { propagationPolicy: "Background", ...(isDryRun && { dryRun: ["All"] }) },
    signal: context.signal,
  });
}

/** True when the user may not ask: what could not be looked at is no reason to fail where it is not needed. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.code === 403;
}
