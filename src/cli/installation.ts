import beadsPurge from "../../deploy/beads-purge.yaml" with { type: "text" };
import dolt from "../../deploy/dolt.yaml" with { type: "text" };
import doltBackup from "../../deploy/dolt-backup.yaml" with { type: "text" };
import eventsPrune from "../../deploy/events-prune.yaml" with { type: "text" };
import namespaceFile from "../../deploy/namespace.yaml" with { type: "text" };
import network from "../../deploy/network.yaml" with { type: "text" };
import rbac from "../../deploy/rbac.yaml" with { type: "text" };
import reap from "../../deploy/reap.yaml" with { type: "text" };
import { Annotation, Label } from "../pod/labels.ts";
import { labelValue } from "../pod/names.ts";
import { runnerName } from "../pod/runner-names.ts";
import type { Parameters } from "./install-parameters.ts";
import { KINDS } from "./kinds.ts";
import { type Manifest, mapObjects, readManifests } from "./manifest.ts";

const FILES = [namespaceFile, rbac, network, dolt, doltBackup, beadsPurge, eventsPrune, reap];

/** Labels by which an installation finds what it made. */
export const Owned = { managedBy: "app.kubernetes.io/managed-by", partOf: "app.kubernetes.io/part-of" } as const;

/** Value of both labels, and name of the field manager. */
export const MANAGER = "gc-k8s";

/** Where a set of manifests is for. */
export interface Place {
  namespace: string;
  city: string;
}

/** Every object of an installation, in the order in which they are applied. */
export function installation(place: Place, parameters: Parameters): Manifest[] {
  const objects = FILES.flatMap(readManifests).map((object) => placed(object, place, parameters));
  objects.push(parametersRecord(place, parameters), cityRecord(place));
  const order = (object: Manifest) => KINDS.findIndex(({ kind }) => kind === object.kind);
  return objects.sort((a, b) => order(a) - order(b));
}

/** Name of the ConfigMap that keeps what the installation was told. */
export const PARAMETERS_RECORD = "gc-k8s-parameters";

function parametersRecord({ namespace }: Place, { images, storageClass }: Parameters): Manifest {
  // The beads' image is a setting of each city.
  const { "gc-beads": _, ...shared } = images;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: PARAMETERS_RECORD, namespace, labels: { [Owned.managedBy]: MANAGER, [Owned.partOf]: MANAGER } },
    data: { parameters: JSON.stringify({ images: shared, storageClass }) },
  };
}

/** Whether the object serves one city only; the rest is shared by all of the namespace. */
export function isOfCity({ metadata }: Manifest): boolean {
  return metadata.annotations?.[Annotation.cityName] !== undefined;
}

/** The city in names: as it is where it may be, else with a hash. */
export function citySlug(city: string): string {
  return runnerName(city).slice("gc-beads-runner-".length);
}

/** An object of `deploy/` for the place: its own namespace and city, its labels, the images that were asked for. */
function placed(object: Manifest, place: Place, parameters: Parameters): Manifest {
  const { namespace, city } = place;
  const servesCity = JSON.stringify(object).includes('"GC_K8S_CITY"');
  const isNamespace = object.kind === "Namespace";
  const { name, labels, annotations } = object.metadata;
  const metadata = {
    name: isNamespace ? namespace : servesCity ? `${name}-${citySlug(city)}` : name,
    ...(!isNamespace && { namespace }),
    labels: {
      "app.kubernetes.io/name": name,
      ...labels,
      [Owned.managedBy]: MANAGER,
      [Owned.partOf]: MANAGER,
      ...(servesCity && { [Label.city]: labelValue(city) }),
    },
    ...((annotations || servesCity) && {
      annotations: { ...annotations, ...(servesCity && { [Annotation.cityName]: city }) },
    }),
  };
  const body = mapObjects({ ...object, metadata: undefined }, (each) => inPlace(each, place, parameters)) as Manifest;
  return withStorageClass({ ...body, metadata }, parameters);
}

/** What depends on the place, deeper in an object: subjects of bindings, images, variables of our own programs. */
function inPlace(
  object: Record<string, unknown>,
  { namespace, city }: Place,
  { images }: Parameters,
): Record<string, unknown> {
  if (object["kind"] === "ServiceAccount" && "name" in object) return { ...object, namespace };
  if (typeof object["image"] === "string")
    return { ...object, image: images[repository(object["image"])] || object["image"] };
  // A CronJob without its image would fail every night.
  if ("jobTemplate" in object && !images["gc-k8s"] && JSON.stringify(object).includes('"gc-k8s:'))
    return { ...object, suspend: true };
  const values: Record<string, string | undefined> = {
    GC_K8S_NAMESPACE: "value" in object ? namespace : undefined,
    GC_K8S_CITY: city,
    GC_K8S_BEADS_IMAGE: images["gc-beads"],
  };
  const value = values[String(object["name"])];
  return value !== undefined && "value" in object ? { ...object, value } : object;
}

function repository(image: string): string {
  return image.replace(/:[^:/]*$/, "");
}

function withStorageClass(object: Manifest, { storageClass }: Parameters): Manifest {
  if (!storageClass) return object;
  return mapObjects(object, (each) =>
    "accessModes" in each ? { ...each, storageClassName: storageClass } : each,
  ) as Manifest;
}

/** Name of the ConfigMap that says that the city is installed. */
export function cityRecordName(city: string): string {
  return `gc-k8s-city-${citySlug(city)}`;
}

/** By it the next command knows that the city is installed here, whatever else of it there is. */
function cityRecord({ namespace, city }: Place): Manifest {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: cityRecordName(city),
      namespace,
      labels: { [Owned.managedBy]: MANAGER, [Owned.partOf]: MANAGER, [Label.city]: labelValue(city) },
      annotations: { [Annotation.cityName]: city },
    },
  };
}
