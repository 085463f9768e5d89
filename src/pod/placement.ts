import type { AgentPodInput } from "./agent-pod.ts";
import type { JsonObject } from "./strategic-merge.ts";

/** Taints of a node that no longer reports, or says that it is unfit. */
const NODE_LOSS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

/** A toleration, as far as it is looked at here. */
export interface Toleration extends JsonObject {
  key: string;
}

/** Fields of the pod that say where it runs. */
export function placement(input: AgentPodInput): JsonObject {
  const { nodeSelector, affinity, priorityClassName, runtimeClassName } = input;
  return {
    ...(nodeSelector ? { nodeSelector: nodeSelector as JsonObject } : {}),
    tolerations: withNodeLoss((input.tolerations ?? []) as Toleration[], input.nodeLossSeconds),
    ...(affinity ? { affinity: affinity as JsonObject } : {}),
    ...(priorityClassName ? { priorityClassName } : {}),
    ...(runtimeClassName ? { runtimeClassName } : {}),
  };
}

/** Adds what bounds the time on a lost node; Kubernetes takes the shortest of all that match, so this bounds a toleration of
 * everything, too. A taint that is tolerated by name is left to whoever named it. */
export function withNodeLoss(tolerations: Toleration[], seconds: number): Toleration[] {
  const own = NODE_LOSS.filter((taint) => !tolerations.some(({ key }) => key === taint));
  const bounded = own.map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: seconds }));
  return [...tolerations, ...bounded];
}
