import { create } from "./broken-start.ts";
import type { TestNamespace } from "./namespace.ts";

/** Taint that keeps everybody else's pods away. */
const TAINT = { key: "gc-k8s.test/silent", value: "true", effect: "NoSchedule" };

/** A node, named after the namespace, that nobody's kubelet serves: what is bound to it stays as it is unless a test
 * plays the kubelet. Returns the environment by which a start lands there. */
export function silentNode({ kubectl, env }: TestNamespace, ready: "True" | "Unknown"): Record<string, string> {
  const name = env()["GC_K8S_NAMESPACE"] ?? "";
  const now = new Date().toISOString().replace(/\.\d+/, "");
  const lost = { reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." };
  const condition = { type: "Ready", status: ready, lastHeartbeatTime: now, lastTransitionTime: now };
  const resources = { cpu: "4", memory: "8Gi", pods: "10", "ephemeral-storage": "100Gi" };
  create(kubectl, {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/hostname": name } },
    spec: { taints: [TAINT] },
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: [ready === "True" ? condition : { ...condition, ...lost }],
    },
  });
  return { ...onlyThere(name), GC_K8S_TOLERATIONS: '[{"operator":"Exists"}]' };
}

/** Environment that allows a start no other node. */
export function onlyThere(name: string): Record<string, string> {
  return { GC_K8S_NODE_SELECTOR: JSON.stringify({ "kubernetes.io/hostname": name }) };
}

/** Removes the namespace's node. */
export function removeNode({ kubectl, env }: TestNamespace): void {
  kubectl("delete", "node", env()["GC_K8S_NAMESPACE"] ?? "");
}

/** Reports an Event of a pod as its kubelet would. */
export function reportEvent(
  kubectl: TestNamespace["kubectl"],
  pod: { name: string; namespace: string; uid: string },
  event: { type: string; reason: string; message: string },
): void {
  const now = new Date().toISOString().replace(/\.\d+/, "");
  create(kubectl, {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${pod.name}.${Date.now().toString(16)}` },
    involvedObject: { kind: "Pod", ...pod },
    firstTimestamp: now,
    lastTimestamp: now,
    ...event,
  });
}

/** Status of the agent's container as its kubelet would report it. */
export function agentStatus(state: object): object {
  return { name: "agent", image: "", imageID: "", ready: false, restartCount: 0, state };
}
