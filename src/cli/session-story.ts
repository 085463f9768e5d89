import { ApiError, TransportError } from "../kube/errors.ts";
import { list } from "../kube/watch.ts";
import { Annotation } from "../pod/labels.ts";
import { containerStatus, hasEnded } from "../pod/pod-object.ts";
import { type PreviousEnd, previousEnd } from "../pod/previous-end.ts";
import type { Context } from "../provider/operation.ts";
import { adviceFor } from "../provider/start-advice.ts";
import { endAdvice } from "./end-advice.ts";
import { isForbidden } from "./inventory.ts";
import { objectsPath } from "./kinds.ts";
import { findPod, PODS, type SessionPlace, type SessionPod } from "./session-pod.ts";
import { type State, sessionState } from "./session-state.ts";
import { shownLine, shownText } from "./terminal-text.ts";

/** One event that Kubernetes recorded of the session's pods. */
export interface StoryEvent {
  at: string;
  type: string;
  reason: string;
  message: string;
}

/** What happened to a session, as far as the cluster still knows. */
export interface Story extends SessionPlace {
  state: State | "Absent";
  reason: string;
  advice: string;
  node?: string;
  createdAt?: string;
  /** How this pod ended. */
  end?: PreviousEnd;
  /** How the pod before this one ended. */
  previousEnd?: PreviousEnd & { advice: string };
  lastLines: string[];
  /** Undefined where they may not be listed. */
  events: StoryEvent[] | undefined;
}

interface WireEvent {
  metadata: { name: string; creationTimestamp: string };
  type?: string;
  reason?: string;
  message?: string;
  eventTime?: string | null;
  lastTimestamp?: string | null;
  series?: { lastObservedTime?: string };
}

const EVENTS = { kind: "Event", api: "/api/v1", plural: "events" };
const MOST_EVENTS = 10;
const MOST_LINES = 15;

/** What to do about a pod that has not ended. */
const ADVICE: Record<State | "Absent", string> = {
  Running: "nothing: its agent runs",
  Starting: "wait: its start goes on",
  Provisioned: "nothing: it waits for an agent, and ends itself when none comes",
  Stopping: "wait until it is gone",
  Ended: "",
  Abandoned: "start it again, or remove it with gc-k8s reap: the start that made it has ended",
  Unknown: "look at its node: nobody knows whether its agent runs",
  Absent: "start it: it was never started, or was stopped and leaves no trace",
};

/** Gathers the story out of pod, log and events. */
export async function sessionStory(context: Context, place: SessionPlace): Promise<Story> {
  const [pod, events] = await Promise.all([findPod(context, place), podEvents(context, place)]);
  if (!pod) return { ...place, state: "Absent", reason: "", advice: ADVICE.Absent, lastLines: [], events };
  const { state, reason } = sessionState(pod, context.client().serverNowMs);
  const end = hasEnded(pod) ? shownEnd(previousEnd(pod)) : undefined;
  const before = shownEnd(annotatedEnd(pod));
  return {
    ...place,
    state,
    reason: shownLine(reason),
    advice: end ? endAdvice(end) : (adviceFor(reason) ?? (ADVICE[state] || "look at its events")),
    ...(pod.spec.nodeName && { node: pod.spec.nodeName }),
    createdAt: pod.metadata.creationTimestamp,
    ...(end && { end }),
    ...(before && { previousEnd: { ...before, advice: endAdvice(before) } }),
    lastLines: await lastLines(context, place, pod),
    events,
  };
}

/** Every text in it came from a pod or about one. */
function shownEnd(end: PreviousEnd | undefined): PreviousEnd | undefined {
  if (!end) return undefined;
  const entries = Object.entries(end).map(([key, value]) => [
    key,
    typeof value === "string" ? shownLine(value) : value,
  ]);
  return Object.fromEntries(entries) as PreviousEnd;
}

/** What the start of this pod wrote down of the one before. */
function annotatedEnd({ metadata }: SessionPod): PreviousEnd | undefined {
  try {
    return JSON.parse(metadata.annotations?.[Annotation.previousEnd] ?? "null") ?? undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Of this pod and of those before it: they share their name. */
async function podEvents(context: Context, { namespace, pod }: SessionPlace): Promise<StoryEvent[] | undefined> {
  try {
    const { items } = await list<WireEvent>(context.client(), {
      path: objectsPath(EVENTS, namespace),
      what: `GET events of pod "${pod}"`,
      fieldSelector: `involvedObject.kind=Pod,involvedObject.name=${pod}`,
      signal: context.signal,
    });
    return items
      .map(storyEvent)
      .sort((a, b) => a.at.localeCompare(b.at))
      .slice(-MOST_EVENTS);
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

function storyEvent({ metadata, type, reason, message, eventTime, lastTimestamp, series }: WireEvent): StoryEvent {
  return {
    at: series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp,
    type: shownLine(type ?? ""),
    reason: shownLine(reason ?? ""),
    message: shownLine(message ?? ""),
  };
}

/** The log's end: of an ended box its last screen. A node that is gone has none, and the rest is worth telling. */
async function lastLines(context: Context, { namespace, pod: name }: SessionPlace, pod: SessionPod): Promise<string[]> {
  const { running, terminated } = containerStatus(pod)?.state ?? {};
  if (!running && !terminated) return [];
  try {
    const log = await context.client().text({
      path: `${objectsPath(PODS, namespace, name)}/log`,
      query: { tailLines: MOST_LINES },
      accept: "*/*",
      what: `GET log of pod "${name}"`,
      signal: context.signal,
    });
    const shown = shownText(log).trimEnd();
    return shown === "" ? [] : shown.split("\n");
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof TransportError)) throw error;
    return [`(its log could not be read: ${shownLine(error.message)})`];
  }
}
