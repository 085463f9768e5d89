import { list, pages } from "../kube/watch.ts";
import { cityKey } from "../pod/city-key.ts";
import { seqOf } from "../pod/event-name.ts";
import { AGENT_APP, Annotation, BEADS_RUNNER_APP, Label } from "../pod/labels.ts";
import { labelValue } from "../pod/names.ts";
import { condition, type Pod } from "../pod/pod-object.ts";
import { statusWords } from "../pod/standstill.ts";
import type { Context } from "../provider/operation.ts";
import type { Place } from "./installation.ts";
import { isForbidden, METADATA_LIST } from "./inventory.ts";
import { objectsPath } from "./kinds.ts";
import { PODS, type SessionPod, sessionOf } from "./session-pod.ts";
import { type State, sessionState } from "./session-state.ts";
import { shownLine } from "./terminal-text.ts";

/** One session at a glance. */
export interface SessionStatus {
  session: string;
  state: State;
  reason: string;
  createdAt: string;
  ageSeconds: number;
  node: string;
  restarts: number;
  agent: string;
  pod: string;
  /** With `--screens`: when the terminal last had input or output, and its last line; `?` = could not be seen. */
  lastActivity?: string;
  lastLine?: string;
}

/** What serves the city's sessions: beads runner, Dolt, events. */
export interface ComponentStatus {
  component: "runner" | "dolt" | "events";
  name: string;
  state: string;
  reason: string;
  ageSeconds?: number;
  node?: string;
}

/** The city at a glance. */
export interface CityStatus extends Place {
  sessions: SessionStatus[];
  components: ComponentStatus[];
}

const CONFIG_MAPS = { kind: "ConfigMap", api: "/api/v1", plural: "configmaps" };

/** Looks at the city by three lists, whatever its size. */
export async function cityStatus(context: Context, place: Place): Promise<CityStatus> {
  const [pods, dolt, events] = await Promise.all([
    cityPods(context, place),
    ifAllowed("dolt", () => doltPods(context, place)),
    ifAllowed("events", () => newestEvent(context, place)),
  ]);
  const now = context.client().serverNowMs;
  const isRunner = ({ metadata }: SessionPod) => metadata.labels?.[Label.app] === BEADS_RUNNER_APP;
  return {
    ...place,
    sessions: pods
      .filter((pod) => !isRunner(pod))
      .map((pod) => sessionStatus(pod, now))
      .sort((a, b) => a.session.localeCompare(b.session, "en", { numeric: true })),
    components: [
      ...pods.filter(isRunner).map((pod) => podComponent("runner", pod, now)),
      ...dolt.map((pod) => ("component" in pod ? pod : podComponent("dolt", pod, now))),
      ...events.map((event) => ("component" in event ? event : eventComponent(event, now))),
    ],
  };
}

/** The city's own pods: its sessions' and its runner's. */
async function cityPods(context: Context, place: Place): Promise<SessionPod[]> {
  const { items } = await list<SessionPod>(context.client(), {
    path: objectsPath(PODS, place.namespace),
    what: `GET pods of city "${place.city}"`,
    labelSelector: `${Label.app} in (${AGENT_APP},${BEADS_RUNNER_APP}),${Label.city}=${labelValue(place.city)}`,
    signal: context.signal,
  });
  // The label may be lossy; the annotation is the city's own name.
  return items.filter(({ metadata }) => metadata.annotations?.[Annotation.cityName] === place.city);
}

async function doltPods(context: Context, { namespace }: Place): Promise<SessionPod[]> {
  const path = objectsPath(PODS, namespace);
  const labelSelector = "app.kubernetes.io/name=dolt";
  return (
    await list<SessionPod>(context.client(), { path, what: "GET pods of Dolt", labelSelector, signal: context.signal })
  ).items;
}

interface NewestEvent {
  name: string;
  seq: number;
  createdAt: string;
}

/** The newest event comes first: names sort so. */
async function newestEvent(context: Context, { namespace, city }: Place): Promise<NewestEvent[]> {
  const query = {
    path: objectsPath(CONFIG_MAPS, namespace),
    what: `GET events of city "${city}"`,
    labelSelector: `gc/component=event,gc/city=${cityKey(city)}`,
    accept: METADATA_LIST,
    pageSize: 1,
    signal: context.signal,
  };
  for await (const { items } of pages<Pick<Pod, "metadata">>(context.client(), query))
    for (const { metadata } of items) {
      const seq = seqOf(metadata.name, cityKey(city));
      if (seq !== undefined) return [{ name: metadata.name, seq, createdAt: metadata.creationTimestamp }];
    }
  return [];
}

/** What may not be read is told of as such; it keeps nobody from seeing the sessions. */
async function ifAllowed<T>(
  component: ComponentStatus["component"],
  look: () => Promise<T[]>,
): Promise<(T | ComponentStatus)[]> {
  try {
    return await look();
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return [{ component, name: "?", state: "?", reason: "may not be listed" }];
  }
}

function sessionStatus(pod: SessionPod, now: number): SessionStatus {
  const { state, reason } = sessionState(pod, now);
  const { name, creationTimestamp, labels } = pod.metadata;
  const restarts = (pod.status?.containerStatuses ?? []).reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
  return {
    session: sessionOf(pod),
    state,
    reason: shownLine(reason),
    createdAt: creationTimestamp,
    ageSeconds: secondsSince(creationTimestamp, now),
    node: pod.spec.nodeName ?? "",
    restarts,
    agent: labels?.[Label.agent] ?? "",
    pod: name,
  };
}

function podComponent(component: "runner" | "dolt", pod: SessionPod, now: number): ComponentStatus {
  const isReady = condition(pod, "Ready")?.status === "True";
  const { deletionTimestamp, creationTimestamp, name } = pod.metadata;
  return {
    component,
    name,
    state: deletionTimestamp ? "Stopping" : isReady ? "Ready" : "NotReady",
    reason: isReady ? "" : shownLine(statusWords(pod)),
    ageSeconds: secondsSince(creationTimestamp, now),
    node: pod.spec.nodeName ?? "",
  };
}

function eventComponent({ name, seq, createdAt }: NewestEvent, now: number): ComponentStatus {
  return { component: "events", name, state: `seq ${seq}`, reason: "", ageSeconds: secondsSince(createdAt, now) };
}

function secondsSince(instant: string, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(instant)) / 1000));
}
