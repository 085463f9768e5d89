import { Annotation, Label } from "../../pod/labels.ts";
import { annotationsJson, labelsJson, withoutKeys } from "../json-checks.ts";
import type { SettingRows } from "../setting-row.ts";

/** What else the pod should have. */
export const podRows = {
  GC_K8S_LABELS: {
    default: "",
    help: "More labels of agent pods: a JSON object.",
    check: withoutKeys(Object.values(Label), labelsJson),
  },
  GC_K8S_ANNOTATIONS: {
    default: "",
    help: "More annotations of agent pods: a JSON object.",
    check: withoutKeys(Object.values(Annotation), annotationsJson),
  },
  GC_K8S_POD_TEMPLATE: {
    default: "",
    help:
      "YAML file that is merged into agent pods (see below). A relative path starts at the settings file; in the environment " +
      "it must be absolute.",
  },
} satisfies SettingRows;
