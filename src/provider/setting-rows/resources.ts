import { quantity } from "../kubernetes-syntax.ts";
import { orNone } from "../setting-checks.ts";
import type { SettingRows } from "../setting-row.ts";

const check = orNone(quantity);

/** What an agent pod takes of its node; `none` leaves a value out. */
export const resourceRows = {
  GC_K8S_CPU_REQUEST: {
    default: "500m",
    help: "CPU that an agent pod requests; `none` = no request of its own, and Kubernetes takes the limit.",
    check,
  },
  GC_K8S_MEM_REQUEST: {
    default: "1Gi",
    help: "Memory that an agent pod requests; `none` = no request of its own, and Kubernetes takes the limit.",
    check,
  },
  GC_K8S_STORAGE_REQUEST: {
    default: "1Gi",
    help: "Space of the node's disk (ephemeral storage) that an agent pod requests; `none` = no request of its own, and Kubernetes takes the limit.",
    check,
  },
  GC_K8S_CPU_LIMIT: { default: "2", help: "CPU limit of an agent pod; `none` = no limit.", check },
  GC_K8S_MEM_LIMIT: { default: "4Gi", help: "Memory limit of an agent pod; `none` = no limit.", check },
  GC_K8S_STORAGE_LIMIT: {
    default: "none",
    help:
      "Limit of the pod's space on the node's disk: workspace, log and what is written into the image. A pod beyond it is " +
      "evicted; `none` = no limit.",
    check,
  },
} satisfies SettingRows;
