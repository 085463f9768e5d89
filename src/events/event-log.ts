import type { KubeClient } from "../kube/request.ts";
import type { ListOptions } from "../kube/watch.ts";
import { cityKey } from "../pod/city-key.ts";
import type { Settings } from "../provider/settings.ts";

/** The log of one city, and what each look at it needs. */
export interface EventLog {
  client: KubeClient;
  namespace: string;
  /** The city in names and labels. */
  city: string;
}

/** Labels of an event. Upstream's readers select by component, type and actor. */
export const EventLabel = {
  managedBy: "app.kubernetes.io/managed-by",
  component: "gc/component",
  type: "gc/type",
  actor: "gc/actor",
  city: "gc/city",
} as const;

/** Annotation of an event: random id of the `record` that made it. */
export const RECORD_ID = "gc/record-id";

/** Annotation of an event: pause in milliseconds that its writer found right, so that the next one need not find out. */
export const RECORD_PAUSE = "gc/record-pause";

/** An event's ConfigMap, the parts that are read; field names as on the wire. */
export interface EventObject {
  metadata: {
    name: string;
    uid: string;
    creationTimestamp: string;
    annotations?: Record<string, string>;
  };
  data?: Record<string, string>;
}

/** Leaves out all but the metadata (KEP-2334, stable since Kubernetes 1.15). */
export const METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/** The log of the city that the settings name. */
export function cityLog(settings: Settings, client: KubeClient): EventLog {
  return {
    client,
    namespace: settings.get("GC_K8S_NAMESPACE"),
    city: cityKey(settings.get("GC_K8S_CITY")),
  };
}

/** Path of the namespace's ConfigMaps, or of one of them. */
export function configMapsPath({ namespace }: EventLog, name?: string): string {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`;
  return name ? `${path}/${name}` : path;
}

/** What lists and watches of the city's events ask for; `more` is a further part of the selector. */
export function eventQuery(log: EventLog, signal: AbortSignal, more = ""): ListOptions {
  return {
    path: configMapsPath(log),
    what: "GET events of the city",
    labelSelector: `${EventLabel.component}=event,${EventLabel.city}=${log.city}${more}`,
    signal,
  };
}

/** Text as a label's value, as upstream makes it: two texts may share one, so it selects and never proves. */
export function labelText(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]/g, "_")
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
}
