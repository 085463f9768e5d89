import { affinityJson, labelsJson, tolerationsJson } from "../json-checks.ts";
import { dnsName } from "../kubernetes-syntax.ts";
import { oneOf, wholeNumber } from "../setting-checks.ts";
import type { SettingRows } from "../setting-row.ts";

/** On which nodes agents run, and for how long. */
export const placementRows = {
  GC_K8S_NODE_SELECTOR: { default: "", help: "Node selector of agent pods: a JSON object.", check: labelsJson },
  GC_K8S_TOLERATIONS: { default: "", help: "Tolerations of agent pods: a JSON list.", check: tolerationsJson },
  GC_K8S_AFFINITY: {
    default: "",
    help: "Affinity of agent pods: a JSON object; `null` = none.",
    check: affinityJson,
  },
  GC_K8S_PRIORITY_CLASS_NAME: { default: "", help: "Priority class of agent pods.", check: dnsName },
  GC_K8S_RUNTIME_CLASS_NAME: { default: "", help: "Runtime class of agent pods, such as gVisor's.", check: dnsName },
  GC_K8S_NODE_LOSS_SECONDS: {
    default: "300",
    help:
      "Seconds after which a pod is evicted from a node that no longer reports or is not ready. A toleration of one of these " +
      "taints by name, in settings or template, replaces it.",
    check: wholeNumber(0, 86_400),
  },
  GC_K8S_EVICTABLE: {
    default: "false",
    help: "`true` leaves out the annotations that keep cluster-autoscaler and Karpenter from moving an agent.",
    check: oneOf("true", "false"),
  },
  GC_K8S_MAX_PENDING: {
    default: "",
    help: "A start is refused while so many pods of the city wait to be launched; empty = no limit.",
    check: wholeNumber(1, 10_000),
  },
} satisfies SettingRows;
