import type { AgentPodInput } from "./agent-pod.ts";
import type { JsonObject } from "./strategic-merge.ts";

/** Group of a claim's files, and user id of agents under `restricted`: an image without a numeric user would be refused otherwise. */
const DEFAULT_ID = 1000;

/** The word for: the image's user, or the one that the namespace's policy assigns, as OpenShift does. */
export const USER_OF_IMAGE = "image";

/** Security context of the pod: nothing under `unconfined` but what is set by name. */
export function podSecurityContext(input: AgentPodInput): JsonObject {
  const context = { ...user(input), ...fileGroup(input), ...level(input.podSecurity) };
  return Object.keys(context).length > 0 ? { securityContext: context } : {};
}

/** Security context of the agent's container. */
export function containerSecurityContext({ podSecurity }: AgentPodInput): JsonObject {
  if (podSecurity === "unconfined") return {};
  return { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } };
}

function level(podSecurity: string): JsonObject {
  if (podSecurity === "unconfined") return {};
  const seccompProfile = { type: "RuntimeDefault" };
  return podSecurity === "restricted" ? { runAsNonRoot: true, seccompProfile } : { seccompProfile };
}

/** Id that is set by name or by `restricted`; undefined leaves it to image and namespace. */
function userId({ podSecurity, runAsUser }: AgentPodInput): number | undefined {
  if (runAsUser === USER_OF_IMAGE) return undefined;
  if (runAsUser) return Number(runAsUser);
  return podSecurity === "restricted" ? DEFAULT_ID : undefined;
}

function user(input: AgentPodInput): JsonObject {
  const id = userId(input);
  return id === undefined ? {} : { runAsUser: id, runAsGroup: id };
}

/** A fresh claim belongs to root. The group makes it writable for the agent; where the namespace assigns ids, it assigns this one, too. */
function fileGroup(input: AgentPodInput): JsonObject {
  if (!input.workspaceClaim || input.runAsUser === USER_OF_IMAGE) return {};
  return { fsGroup: userId(input) ?? DEFAULT_ID, fsGroupChangePolicy: "OnRootMismatch" };
}
