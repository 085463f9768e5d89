import { sleep } from "../kube/retry.ts";
import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { cityOf } from "./city.ts";
import { assertOwn } from "./ensure-runner.ts";
import { deleteRunnerPod, getRunnerPod, getRunnerSet, patchRunnerSet } from "./runner-objects.ts";

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
    await deleteRunnerPod(context, city, pod);
    for (;;) {
      const now = await getRunnerPod(context, city);
      if (now?.metadata.uid !== pod.metadata.uid) return undefined;
      await sleep(100, context.signal);
    }
  },
};
