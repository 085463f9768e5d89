import { dnsNames } from "../kubernetes-syntax.ts";
import { oneOf } from "../setting-checks.ts";
import type { SettingRows } from "../setting-row.ts";

/** What agents run in. */
export const imageRows = {
  GC_K8S_IMAGE: { default: "", help: "Image of agent pods; needed by `start`." },
  GC_K8S_IMAGE_PULL_POLICY: {
    default: "IfNotPresent",
    help: "`Always`, `IfNotPresent` or `Never`.",
    check: oneOf("Always", "IfNotPresent", "Never"),
  },
  GC_K8S_IMAGE_PULL_CREDENTIALS: {
    default: "",
    help: "Names of the secrets that pull the image, separated by commas. (gc drops variables with SECRET in their name.)",
    check: dnsNames,
  },
  GC_K8S_PREBAKED: {
    default: "",
    help: "`true` = the image holds the city in `/workspace`: no volume hides it and nothing is staged.",
    check: oneOf("true", "false"),
  },
} satisfies SettingRows;
