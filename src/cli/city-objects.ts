import { isNotFound } from "../kube/errors.ts";
import { list } from "../kube/watch.ts";
import { cityKey } from "../pod/city-key.ts";
import { AGENT_APP, Annotation, BEADS_RUNNER_APP, Label, WORKSPACE_APP } from "../pod/labels.ts";
import { labelValue } from "../pod/names.ts";
import type { Context } from "../provider/operation.ts";
import { DOLT_SECRET } from "./dolt-password.ts";
import { MANAGER, Owned, type Place } from "./installation.ts";
import { METADATA, type Metadata } from "./inventory.ts";

/** An object that no manifest has: operations, or Kubernetes for them, made it. */
export interface Leftover {
  kind: string;
  name: string;
  uid: string;
  path: string;
}

interface Item {
  metadata: Metadata;
  status?: { phase?: string };
}

/** Where objects of a kind are. */
interface Collection {
  kind: string;
  api: string;
  plural: string;
}

const POD = { kind: "Pod", api: "/api/v1", plural: "pods" };
const CLAIM = { kind: "PersistentVolumeClaim", api: "/api/v1", plural: "persistentvolumeclaims" };
const EVENT = { kind: "ConfigMap", api: "/api/v1", plural: "configmaps" };
const SET = { kind: "StatefulSet", api: "/apis/apps/v1", plural: "statefulsets" };

/** Boxes of the city, and whether an agent may be at work in them: not in one that is on its way out. */
export async function citySessions(context: Context, place: Place): Promise<(Leftover & { isRunning: boolean })[]> {
  const items = await select(context, place, POD, `${Label.app}=${AGENT_APP},${cityLabel(place)}`);
  return items
    .filter((item) => isOfCity(item, place))
    .map((item) => ({
      ...leftover(place, POD, item),
      isRunning: !item.metadata.deletionTimestamp && !["Failed", "Succeeded"].includes(item.status?.phase ?? ""),
    }));
}

/** The city's beads runner, which holds nothing. */
export async function runnerOf(context: Context, place: Place): Promise<Leftover[]> {
  const items = await select(context, place, SET, `${Label.app}=${BEADS_RUNNER_APP},${cityLabel(place)}`);
  return items.filter((item) => isOfCity(item, place)).map((item) => leftover(place, SET, item));
}

/** Workspaces and events of the city. */
export async function cityData(context: Context, place: Place): Promise<Leftover[]> {
  const claims = await select(context, place, CLAIM, `${Label.app}=${WORKSPACE_APP},${cityLabel(place)}`);
  const events = await select(context, place, EVENT, `gc/component=event,gc/city=${cityKey(place.city)}`);
  return [
    ...claims.filter((item) => isOfCity(item, place)).map((item) => leftover(place, CLAIM, item)),
    ...events.map((item) => leftover(place, EVENT, item)),
  ];
}

/** Dolt's volumes and its password: all beads of all cities of the namespace. */
export async function sharedData(context: Context, place: Place): Promise<Leftover[]> {
  const claims = await select(context, place, CLAIM, "app.kubernetes.io/name=dolt");
  const secret = await ownSecret(context, place);
  // Claims of Dolt's StatefulSet, and no other's that is named alike.
  const own = claims.filter(({ metadata }) => /^(data|backups)-dolt-0$/.test(metadata.name));
  return [...own.map((item) => leftover(place, CLAIM, item)), ...secret];
}

/** Only the Secret that install made: a password that somebody brought is theirs. */
async function ownSecret(context: Context, place: Place): Promise<Leftover[]> {
  const kind = { kind: "Secret", api: "/api/v1", plural: "secrets" };
  try {
    const path = `${collectionPath(place, kind)}/${DOLT_SECRET}`;
    const what = `GET Secret "${DOLT_SECRET}"`;
    const item = await context.client().json<Item>({ path, what, accept: METADATA, signal: context.signal });
    return item.metadata.labels?.[Owned.managedBy] === MANAGER ? [leftover(place, kind, item)] : [];
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

async function select(context: Context, place: Place, kind: Collection, labelSelector: string): Promise<Item[]> {
  const path = collectionPath(place, kind);
  const what = `GET ${kind.plural} of city "${place.city}"`;
  return (await list<Item>(context.client(), { path, what, labelSelector, signal: context.signal })).items;
}

function collectionPath({ namespace }: Place, { api, plural }: Collection): string {
  return `${api}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

function leftover(place: Place, kind: Collection, { metadata: { name, uid } }: Item): Leftover {
  return { kind: kind.kind, name, uid, path: `${collectionPath(place, kind)}/${encodeURIComponent(name)}` };
}

function cityLabel({ city }: Place): string {
  return `${Label.city}=${labelValue(city)}`;
}

/** Labels are lossy; the annotation is the name. */
function isOfCity({ metadata }: Item, { city }: Place): boolean {
  return metadata.annotations?.[Annotation.cityName] === city;
}
