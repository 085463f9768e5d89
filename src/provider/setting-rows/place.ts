import { dnsLabel } from "../kubernetes-syntax.ts";
import { must } from "../setting-checks.ts";
import type { SettingRows } from "../setting-row.ts";

/** Where the city's objects are. */
export const placeRows = {
  GC_K8S_NAMESPACE: { default: "gc", help: "Namespace that holds the city's pods.", check: dnsLabel },
  GC_K8S_CONTEXT: { default: "", help: "Context of the kubeconfig; empty = its current context." },
  GC_K8S_CITY: {
    default: "default",
    help: "City that the sessions belong to. Give each city of a namespace a name of its own.",
    check: must("at most 200 printable characters", (value) => value.length <= 200 && !/\p{Cc}/u.test(value)),
  },
} satisfies SettingRows;
