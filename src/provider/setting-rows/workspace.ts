import { dnsName, quantity } from "../kubernetes-syntax.ts";
import { oneOf, orNone } from "../setting-checks.ts";
import type { SettingRows } from "../setting-row.ts";

/** Where an agent's work is kept. */
export const workspaceRows = {
  GC_K8S_WORKSPACE: {
    default: "ephemeral",
    help:
      "`ephemeral` = the workspace ends with the pod; `claim` = a persistent volume claim per session holds workspace and " +
      "home, and the next start of that session finds them again.",
    check: oneOf("ephemeral", "claim"),
  },
  GC_K8S_WORKSPACE_SIZE: {
    default: "10Gi",
    help: "Size of the claim, or limit of an ephemeral workspace, beyond which its pod is evicted; `none` = no limit.",
    check: orNone(quantity),
  },
  GC_K8S_WORKSPACE_CLASS: {
    default: "",
    help: "Storage class of the claim; empty = the cluster's default.",
    check: dnsName,
  },
  GC_K8S_WORKSPACE_ACCESS_MODE: {
    default: "ReadWriteOnce",
    help: "Access mode of the claim: `ReadWriteOnce`, `ReadWriteOncePod` or `ReadWriteMany`.",
    check: oneOf("ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"),
  },
} satisfies SettingRows;
