import { sleep } from "../kube/retry.ts";
import { DeadlineError, OperationError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { type City, cityOf } from "./city.ts";
import { assertOwn, isLost } from "./ensure-runner.ts";
import { deleteRunnerPod, getRunnerPod, getRunnerSet, patchRunnerSet, type RunnerPod } from "./runner-objects.ts";

/** `stop`: the StatefulSet stays, without a pod: it is the record of the city's scopes. The beads are in Dolt. */
export const stop: Operation = {
  usage: "",
  help: "Ends the city's beads runner and waits until it is gone; the next operation makes it anew.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const city = cityOf(context);
    const set = await getRunnerSet(context, city);
    if (!set) return undefined;
    assertOwn(set, city);
    await patchRunnerSet(context, city, (now) => (now.spec.replicas === 0 ? undefined : { spec: { replicas: 0 } }));
    const pod = await getRunnerPod(context, city);
    if (!pod) return undefined;
    await untilGone(context, city, pod).catch((error: unknown) => {
      throw error instanceof DeadlineError ? new OperationError(stillThere(city)) : error;
    });
    return undefined;
  },
};

/** Deletes the pod and waits until it is gone; one that a lost node will never end is forgotten. */
async function untilGone(context: Context, city: City, pod: RunnerPod): Promise<void> {
  await deleteRunnerPod(context, city, pod);
  for (;;) {
    const now = await getRunnerPod(context, city);
    if (now?.metadata.uid !== pod.metadata.uid) return;
    if (isLost(context, now)) await deleteRunnerPod(context, city, now, 0);
    await sleep(100, context.signal);
  }
}

function stillThere({ pod }: City): string {
  return `Cannot stop the beads runner: pod "${pod}" is told to end, and its node has not ended it; try again`;
}
