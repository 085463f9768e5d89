import { isAlreadyExists } from "../kube/errors.ts";
import { sleep } from "../kube/retry.ts";
import { beadsRunner } from "../pod/beads-runner.ts";
import { Annotation } from "../pod/labels.ts";
import { DeadlineError, OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import type { City } from "./city.ts";
import { runnerInput } from "./runner-input.ts";
import {
  deleteRunnerPod,
  getRunnerPod,
  getRunnerSet,
  patchRunnerSet,
  type RunnerPod,
  type RunnerSet,
  setsPath,
  specOf,
} from "./runner-objects.ts";

/** A pod that is being deleted for so long, or whose node is silent for so long, will not come back by itself. */
const TERMINATING_SECONDS = 30;
const SILENT_SECONDS = 60;

/** What an image that cannot be pulled, or a container that cannot be made, is given to come right. A pod without a node
 * is not among them: the node that an autoscaler adds takes minutes. */
const HOPELESS_MS = 15_000;
const HOPELESS = /ErrImage|ImagePull|InvalidImage|CreateContainer|RunContainer|CrashLoop/;

/** Resolves with the runner's pod once its container runs; makes the runner when there is none. Making it is the lock:
 * of several operations one makes it, and all wait for it. */
export async function ensureRunner(context: Context, city: City): Promise<RunnerPod> {
  context.log.phase("runner");
  const set = await ownRunnerSet(context, city);
  if (set.spec.replicas === 0)
    await patchRunnerSet(context, city, (now) => (now.spec.replicas === 0 ? { spec: { replicas: 1 } } : undefined));
  return waitForRunner(context, city);
}

/** The city's StatefulSet, made when there is none. */
export async function ownRunnerSet(context: Context, city: City): Promise<RunnerSet> {
  const set = (await getRunnerSet(context, city)) ?? (await createRunnerSet(context, city));
  assertOwn(set, city);
  return set;
}

/** Makes the StatefulSet; resolves with the one that is there when another operation was first. */
async function createRunnerSet(context: Context, city: City): Promise<RunnerSet> {
  const client = context.client();
  try {
    return await client.json<RunnerSet>({
      method: "POST",
      path: setsPath(city.namespace),
      body: beadsRunner(runnerInput(context, city)),
      what: `POST statefulset "${city.runner}"`,
      // A second one of the name is refused, so repeating it is harmless.
      idempotent: true,
      signal: context.signal,
    });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const set = await getRunnerSet(context, city);
    if (set) return set;
    throw new OperationError(`Cannot make statefulset "${city.runner}": another one was there and is gone again`);
  }
}

/** Two cities whose names make one name of a runner cannot share it. */
export function assertOwn(set: RunnerSet, city: City): void {
  const theirs = set.metadata.annotations?.[Annotation.cityName];
  if (theirs === city.name) return;
  throw new OperationError(`Cannot use statefulset "${city.runner}": it belongs to city "${theirs ?? "unknown"}"`);
}

/** Resolves with the pod once its container runs; removes one that can never run again. `spec` = what it has to be made
 * from: one that is made from something else is removed, whatever its state, and says nothing of its successor. */
export async function waitForRunner(context: Context, city: City, spec?: string): Promise<RunnerPod> {
  let hopelessSince: number | undefined;
  for (let pauseMs = 50; ; pauseMs = Math.min(500, pauseMs * 1.5)) {
    const pod = await getRunnerPod(context, city);
    const isEnding = pod?.metadata.deletionTimestamp !== undefined;
    const isOld = pod !== undefined && spec !== undefined && specOf(pod) !== spec;
    if (pod && !isEnding && !isOld && isRunning(pod) && !isSilent(context, pod)) return pod;
    if (pod && isLost(context, pod)) await deleteRunnerPod(context, city, pod, 0);
    // The controller would wait for a pod that is not ready; there is nothing in it to wait for.
    else if (pod && isOld && !isEnding) await deleteOld(context, city, pod, spec);
    const hopeless = pod && !isEnding && !isOld ? hopelessOf(pod) : undefined;
    hopelessSince = hopeless ? (hopelessSince ?? performance.now()) : undefined;
    if (hopeless && hopelessSince !== undefined && performance.now() - hopelessSince > HOPELESS_MS)
      throw new OperationError(`Cannot start the beads runner: pod "${city.pod}": ${hopeless}`);
    await sleep(pauseMs, context.signal).catch((reason: unknown) => {
      const why = hopeless ?? (reason instanceof DeadlineError ? standstillOf(context, city, pod) : undefined);
      throw why ? new OperationError(`Cannot start the beads runner: pod "${city.pod}": ${why}`) : reason;
    });
  }
}

/** Deletes a pod that is made from something else, unless that is what the set says by now: two starts of different
 * settings would delete each other's for ever. */
async function deleteOld(context: Context, city: City, pod: RunnerPod, spec: string): Promise<void> {
  const set = await getRunnerSet(context, city);
  if (set && specOf(set) !== spec)
    throw new OperationError("Cannot start the beads runner: another start has given it other settings meanwhile");
  await deleteRunnerPod(context, city, pod);
}

/** True when the container runs, as far as its node has told. */
export function isRunning(pod: RunnerPod): boolean {
  return pod.status?.containerStatuses?.[0]?.state?.running !== undefined;
}

/** A pod that a lost node will never end: nothing is in it, so it may be forgotten. */
export function isLost(context: Context, pod: RunnerPod): boolean {
  const { deletionTimestamp } = pod.metadata;
  if (deletionTimestamp) return secondsSince(context, deletionTimestamp) > TERMINATING_SECONDS;
  return isSilent(context, pod) && secondsSince(context, readiness(pod)?.lastTransitionTime) > SILENT_SECONDS;
}

/** The node controller marks pods of a node that does not report as not ready, for a reason of its own. */
function isSilent(context: Context, pod: RunnerPod): boolean {
  const ready = readiness(pod);
  return context.client().serverNowMs > 0 && ready?.status === "False" && ready.reason === "NodeNotReady";
}

function readiness(pod: RunnerPod) {
  return pod.status?.conditions?.find(({ type }) => type === "Ready");
}

function secondsSince(context: Context, time: string | undefined): number {
  return time ? (context.client().serverNowMs - Date.parse(time)) / 1000 : 0;
}

/** Why the container will not run, in the words of Kubernetes; undefined while it may simply be on its way. */
function hopelessOf(pod: RunnerPod): string | undefined {
  const waiting = pod.status?.containerStatuses?.[0]?.state?.waiting;
  return waiting?.reason && HOPELESS.test(waiting.reason) ? words(waiting.reason, waiting.message) : undefined;
}

/** What has been waited for to the end of the operation's time. */
function standstillOf(context: Context, city: City, pod: RunnerPod | undefined): string {
  // What refuses it (a quota, a policy, a webhook) tells only its controller.
  if (!pod)
    return `it was not made in time; kubectl -n ${city.namespace} describe statefulset ${city.runner} tells why`;
  if (pod.metadata.deletionTimestamp)
    return `it is being deleted, and is replaced after ${TERMINATING_SECONDS} s of that; try again`;
  const scheduled = pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status === "False") return words(scheduled.reason, scheduled.message);
  return isSilent(context, pod)
    ? `its node does not report, and it is replaced after ${SILENT_SECONDS} s of that; try again`
    : "it did not run in time";
}

function words(reason: string | undefined, message: string | undefined): string {
  return [reason, message].filter((part) => part).join(": ");
}
