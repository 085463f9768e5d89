import { beadsRunner, runnerSpec } from "../pod/beads-runner.ts";
import { RunnerAnnotation } from "../pod/labels.ts";
import type { Context, Operation } from "../provider/operation.ts";
import { type City, cityOf } from "./city.ts";
import { LIFECYCLE_DEADLINE_MS } from "./deadline.ts";
import { ensureRunner, waitForRunner } from "./ensure-runner.ts";
import { runnerInput } from "./runner-input.ts";
import { deleteRunnerPod, getRunnerPod, patchRunnerSet, specOf } from "./runner-objects.ts";

/** `start`: the runner is there, and it is what the settings say. */
export const start: Operation = {
  usage: "",
  help: "Makes the city's beads runner, or replaces one that is out of date with the settings; returns when it runs.",
  deadlineMs: LIFECYCLE_DEADLINE_MS,
  async run(context) {
    const city = cityOf(context);
    runnerInput(context, city);
    await ensureRunner(context, city);
    await rollIfOutOfDate(context, city);
    return undefined;
  },
};

async function rollIfOutOfDate(context: Context, city: City): Promise<void> {
  const input = runnerInput(context, city);
  const wanted = runnerSpec(input);
  const { metadata, spec } = beadsRunner(input);
  await patchRunnerSet(context, city, (set) =>
    specOf(set) === wanted
      ? undefined
      : {
          metadata: { annotations: { [RunnerAnnotation.spec]: wanted }, labels: metadata.labels },
          spec: { template: replaced(spec.template) },
        },
  );
  const pod = await getRunnerPod(context, city);
  if (pod && specOf(pod) === wanted) return;
  context.log.phase("roll");
  // The controller would wait for a pod that is not ready; there is nothing in it to wait for.
  if (pod) await deleteRunnerPod(context, city, pod);
  await waitForRunner(context, city, (now) => specOf(now) === wanted);
}

/** In a merge patch null removes what the new template no longer has. */
function replaced(template: { spec: object }): object {
  const optional = { imagePullSecrets: null, serviceAccountName: null, serviceAccount: null };
  return { ...template, spec: { ...optional, ...template.spec } };
}
