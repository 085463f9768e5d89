import { Annotation } from "../pod/labels.ts";
import { hasEnded, isProvisioned, isStale } from "../pod/pod-object.ts";
import { ageText } from "./age.ts";
import type { SessionPod } from "./session-pod.ts";

/** What reap may remove, the parts that its rules read. */
export interface ReapObject {
  metadata: {
    name: string;
    uid: string;
    creationTimestamp: string;
    deletionTimestamp?: string;
    annotations?: Record<string, string>;
  };
}

/** A pod of the namespace, with what it mounts. */
export interface MountingPod extends SessionPod {
  spec: SessionPod["spec"] & { volumes?: { persistentVolumeClaim?: { claimName: string } }[] };
}

/** By what the rules decide. */
export interface Limits {
  /** The API server's clock. */
  now: number;
  olderThanSeconds: number;
}

/** Why a session's pod may go; undefined for every one that runs, may run yet, or is somebody's to look at still. */
export function whyPod(pod: SessionPod, { now, olderThanSeconds }: Limits): string | undefined {
  if (pod.metadata.deletionTimestamp) return undefined;
  if (hasEnded(pod)) {
    const seconds = secondsSince(endedAt(pod), now);
    return seconds >= olderThanSeconds ? `its agent ended ${ageText(seconds)} ago` : undefined;
  }
  // One that has a node ends by itself: its PID 1 sees to that.
  if (pod.status?.phase === "Pending" && !isProvisioned(pod) && isStale(pod, now))
    return `it never ran, and its start has ended; created ${ageText(secondsSince(pod.metadata.creationTimestamp, now))} ago`;
  return undefined;
}

/** When the pod ended: the latest instant that its status names, which is never too early. */
function endedAt({ metadata, status }: SessionPod): string {
  const instants = [
    metadata.creationTimestamp,
    ...(status?.containerStatuses ?? []).map(({ state }) => state?.terminated?.finishedAt),
    ...(status?.conditions ?? []).map(({ lastTransitionTime }) => lastTransitionTime),
  ].filter((instant) => instant !== undefined);
  return instants.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? metadata.creationTimestamp;
}

/** Cities that certainly are gone: not installed, where others are, and without a pod or a runner. */
export function goneCities(named: Set<string>, installed: string[], alive: Set<string>): Set<string> {
  if (installed.length === 0) return new Set();
  return new Set([...named].filter((city) => !installed.includes(city) && !alive.has(city)));
}

/** Why a workspace or secret of a city that is gone may go; undefined for any other. */
export function whyGone(
  object: ReapObject,
  gone: Set<string>,
  mounted: Set<string>,
  { now, olderThanSeconds }: Limits,
): string | undefined {
  const { name, creationTimestamp, deletionTimestamp } = object.metadata;
  const city = cityOf(object);
  if (city === undefined || !gone.has(city) || deletionTimestamp || mounted.has(name)) return undefined;
  const seconds = secondsSince(creationTimestamp, now);
  return seconds >= olderThanSeconds ? `its city is gone; created ${ageText(seconds)} ago` : undefined;
}

/** Names of the claims that a pod mounts, whosever it is. */
export function mountedClaims(pods: MountingPod[]): Set<string> {
  const volumes = pods.flatMap(({ spec }) => spec.volumes ?? []);
  return new Set(volumes.map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? ""));
}

/** The city by its own name, of objects that have one. */
export function cityOf({ metadata }: { metadata: { annotations?: Record<string, string> } }): string | undefined {
  return metadata.annotations?.[Annotation.cityName];
}

function secondsSince(instant: string, now: number): number {
  return Math.floor((now - Date.parse(instant)) / 1000);
}
