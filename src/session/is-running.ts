import { condition, containerStatus, isLaunched, type Pod } from "../pod/pod-object.ts";
import { OperationError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS, type Operation, type Result } from "../provider/operation.ts";
import { getPod } from "./pods.ts";
import { namedSession, quoted } from "./session.ts";

/** `is-running <name>`: one GET, because gc asks this more often than anything else. */
export const isRunning: Operation = {
  usage: "<name>",
  help: "Prints `true` when the session's agent runs, else `false`; fails when that could not be seen.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context: Context): Promise<Result> {
    if (!context.args[0]) return { stdout: "false\n" };
    const session = namedSession(context);
    context.log.phase("get");
    const pod = await getPod(context.client(), session, context.signal);
    if (pod) context.log.podUid = pod.metadata.uid;
    if (pod && isAlive(pod)) assertNodeReports(pod, quoted(session));
    return { stdout: `${pod !== undefined && isAlive(pod)}\n` };
  },
};

/** The box ends with its agent, so a launched box whose container runs is a running agent. */
export function isAlive(pod: Pod): boolean {
  return (
    pod.status?.phase === "Running" &&
    isLaunched(pod) &&
    pod.metadata.deletionTimestamp === undefined &&
    containerStatus(pod)?.state?.running !== undefined
  );
}

/** A box has no readiness probe: Ready=False beside a running container means that the node stopped reporting. */
export function assertNodeReports(pod: Pod, who: string): void {
  const ready = condition(pod, "Ready");
  // A sidecar that is not ready shows in both; a node that is silent in the first alone.
  if (ready?.status !== "False" || condition(pod, "ContainersReady")?.status === "False") return;
  throw new OperationError(
    `Cannot see ${who}: node "${pod.spec.nodeName}" has not reported since ${ready.lastTransitionTime ?? "an unknown time"}`,
  );
}
