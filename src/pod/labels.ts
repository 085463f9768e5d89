/** Labels of an agent pod; upstream's readers select by the first three. */
export const Label = {
  app: "app",
  session: "gc-session",
  agent: "gc-agent",
  city: "gc-city",
} as const;

/** Value of `Label.app` on every agent pod. */
export const AGENT_APP = "gc-agent";

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
  /** Version of the script that is PID 1 in the box. */
  boxVersion: "gc-box-version",
} as const;

/** Name of the container that the agent runs in. */
export const AGENT_CONTAINER = "agent";
