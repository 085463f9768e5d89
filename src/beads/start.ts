import { beadsRunner, runnerSpec } from "../pod/beads-runner.ts";
import { RunnerAnnotation } from "../pod/labels.ts";
import type { Context, Operation } from "../provider/operation.ts";
import { type City, cityOf } from "./city.ts";
import { LIFECYCLE_DEADLINE_MS } from "./deadline.ts";
import { ownRunnerSet, waitForRunner } from "./ensure-runner.ts";
import { runnerInput } from "./runner-input.ts";
import { patchRunnerSet, specOf } from "./runner-objects.ts";

/** `start`: the runner is there, and it is what the settings say. */
export const start: Operation = {
  usage: "",
  help: "Makes the city's beads runner, or replaces one that is out of date with the settings; returns when it runs.",
  deadlineMs: LIFECYCLE_DEADLINE_MS,
  async run(context) {
    await roll(context, cityOf(context));
    return undefined;
  },
};

/** Changes the set first, and waits then: the pod of an old one may never run. */
async function roll(context: Context, city: City): Promise<void> {
  const input = runnerInput(context, city);
  const wanted = runnerSpec(input);
  const { metadata, spec } = beadsRunner(input);
  context.log.phase("runner");
  await ownRunnerSet(context, city);
  await patchRunnerSet(context, city, (set) => {
    const replicas = set.spec.replicas === 0 ? { replicas: 1 } : undefined;
    if (specOf(set) === wanted) return replicas && { spec: replicas };
    return {
      metadata: { annotations: { [RunnerAnnotation.spec]: wanted }, labels: metadata.labels },
      spec: { ...replicas, template: replaced(spec.template) },
    };
  });
  await waitForRunner(context, city, wanted);
}

/** In a merge patch null removes what the new template no longer has. */
function replaced(template: { spec: object }): object {
  const optional = { imagePullSecrets: null, serviceAccountName: null, serviceAccount: null };
  return { ...template, spec: { ...optional, ...template.spec } };
}
