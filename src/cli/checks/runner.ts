import { RUNNER_CONTAINER } from "../../pod/beads-runner.ts";
import { runnerName, runnerPodName } from "../../pod/runner-names.ts";
import { broken, type Check, doubtful } from "./check.ts";

interface RunnerPod {
  metadata: { deletionTimestamp?: string };
  status?: { containerStatuses?: { state?: { running?: object; waiting?: { reason?: string; message?: string } } }[] };
}

/** The city's beads runner, where there is one, runs and holds `bd`. The first operation on beads makes it. */
export const runner: Check = {
  name: "beads runner",
  async run(patient) {
    const { namespace, city, get } = patient;
    const sets = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/statefulsets`;
    const set = await get<{ spec?: { replicas?: number } }>(`${sets}/${runnerName(city)}`, "GET beads runner");
    if (!set || set.spec?.replicas === 0) return [];
    const name = runnerPodName(city);
    const pod = await get<RunnerPod>(
      `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${name}`,
      `GET pod "${name}"`,
    );
    const state = pod?.status?.containerStatuses?.[0]?.state;
    if (!pod || !state?.running) {
      const words = [state?.waiting?.reason, state?.waiting?.message].filter((part) => part).join(": ");
      return [
        doubtful(
          `the beads runner does not run: ${words || (pod ? "its node has not started it" : "it has no pod")}`,
          `kubectl describe pod ${name}; correct GC_K8S_BEADS_IMAGE, quota or limits`,
        ),
      ];
    }
    const { exit, stderr } = await patient.run({ pod: name, container: RUNNER_CONTAINER }, ["bd", "version"]);
    return exit === 0
      ? []
      : [broken(`the beads runner has no bd that runs: ${stderr.slice(0, 160)}`, "correct GC_K8S_BEADS_IMAGE")];
  },
};
