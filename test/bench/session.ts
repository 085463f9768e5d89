import type { Place } from "./place.ts";
import { must } from "./run-process.ts";

/** A pod as the benchmark reads and copies it. */
export interface PodObject {
  metadata: {
    name: string;
    uid?: string;
    resourceVersion?: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
  };
  spec: Record<string, unknown>;
  status?: { phase?: string; containerStatuses?: { state?: { running?: object } }[] };
}

/** Agent that shows a line and then sleeps. */
export const READY_LINE = "the agent is ready";
export const SLEEPER = { command: `echo '${READY_LINE}'; exec sleep 1000000` };

/** Starts a session and resolves with its pod. */
export async function startSession(place: Place, name: string, config: object = SLEEPER): Promise<PodObject> {
  place.ours(["start", name], { stdin: JSON.stringify(config) });
  awaitRunning(place, name);
  return sessionPod(place, name);
}

/** Asks `is-running` until it says yes. */
export function awaitRunning(place: Place, name: string): void {
  const until = performance.now() + 10_000;
  while (place.ours(["is-running", name]).stdout !== "true\n")
    must(performance.now() < until, `session "${name}" was started and is not running`);
}

/** The pod that carries the session's name. */
export async function sessionPod(place: Place, name: string): Promise<PodObject> {
  const list = await place.api.request<{ items: PodObject[] }>("GET", place.pods());
  const pod = list?.items.find(({ metadata }) => metadata.annotations?.["gc-session-name"] === name);
  must(pod !== undefined, `there is no pod with annotation gc-session-name=${name}`);
  return pod;
}

/** Stops a session and waits until its pod is gone, so that the next run finds the same load. */
export async function stopSession(place: Place, name: string, pod: string): Promise<void> {
  place.ours(["stop", name]);
  await podGone(place, pod);
}

/** Waits until there is no pod of that name. */
export async function podGone(place: Place, pod: string): Promise<void> {
  const until = performance.now() + 30_000;
  while (await place.api.request("GET", place.pods(pod))) {
    must(performance.now() < until, `pod "${pod}" does not go away`);
    await Bun.sleep(50);
  }
}
