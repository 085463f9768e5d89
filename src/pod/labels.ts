/** Labels of an agent pod; upstream's readers select by the first three. */
export const Label = {
  app: "app",
  session: "gc-session",
  agent: "gc-agent",
  city: "gc-city",
} as const;

/** Value of `Label.app` on every agent pod. */
export const AGENT_APP = "gc-agent";

/** Value of `Label.app` on every claim of a workspace. */
export const WORKSPACE_APP = "gc-agent-workspace";

/** Annotations of an agent pod. */
export const Annotation = {
  /** The session's name as gc gave it; upstream reads it, too. */
  sessionName: "gc-session-name",
  /** The city's name as set, where the label may be lossy. */
  cityName: "gc-city-name",
  /** Hash of the controller's city path: two cities that both forgot their name must not share a session. */
  cityPath: "gc-city-path",
  /** Random id of the `start` call that made the pod. */
  startId: "gc-start-id",
  /** Seconds after the pod's creation at which that call certainly has ended. */
  startSeconds: "gc-start-seconds",
  /** The start id again, set once the agent runs: only such a box is a session. */
  launched: "gc-launched",
  /** The start id in a box that was made without an agent: it is no running session. */
  provisioned: "gc-provisioned",
  /** How the session's box before this one ended, as JSON. */
  previousEnd: "gc-previous-end",
  /** Version of the script that is PID 1 in the box. */
  boxVersion: "gc-box-version",
} as const;

/** Name of the container that the agent runs in. */
export const AGENT_CONTAINER = "agent";

/** Annotations by which autoscalers leave a pod alone: an agent's work is in it, and a node less is not worth it. */
export const DO_NOT_EVICT: Record<string, string> = {
  "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
  "karpenter.sh/do-not-disrupt": "true",
};

/** Value of `Label.app` on every beads runner. */
export const BEADS_RUNNER_APP = "gc-beads-runner";

/** Labels that only a beads runner has. */
export const RunnerLabel = {
  /** Name of its StatefulSet, by which that finds its pod. */
  name: "gc-beads-runner",
} as const;

/** Annotations of a beads runner's StatefulSet. */
export const RunnerAnnotation = {
  /** Hash of what its pod is made from; its pod has it, too. */
  spec: "gc-beads-spec",
  /** Scopes that were initialised, as JSON by prefix: with it a new pod finds each one's database again. */
  scopes: "gc-beads-scopes",
} as const;
