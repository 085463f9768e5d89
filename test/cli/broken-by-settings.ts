import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestNamespace } from "../conformance/namespace.ts";
import type { BrokenCluster, Place } from "./broken-cluster.ts";

/** Clusters that have not what the settings ask for. */
export const brokenBySettings: BrokenCluster[] = [
  {
    title: "no image is set",
    breakIt: () => ({ env: { GC_K8S_IMAGE: "" } }),
    finds: { check: "pod", level: "error", says: /GC_K8S_IMAGE is required/ },
  },
  {
    title: "the image cannot be pulled",
    breakIt: () => ({ env: { GC_K8S_IMAGE: "registry.invalid/agent:1" } }),
    finds: { check: "image", level: "error", says: /Err?ImagePull/ },
  },
  {
    title: "the image is on no node and may not be pulled",
    breakIt: () => ({ env: { GC_K8S_IMAGE: "local/absent:1", GC_K8S_IMAGE_PULL_POLICY: "Never" } }),
    finds: { check: "image", level: "error", says: /ErrImageNeverPull/ },
  },
  {
    title: "the image has no shell",
    breakIt: ({ healthy }) => ({ env: { GC_K8S_IMAGE: pauseImage(healthy) } }),
    finds: { check: "image", level: "error", says: /\/bin\/sh/ },
  },
  {
    title: "the image lacks the tools that the settings promise",
    breakIt: ({ cluster }) => ({ env: { GC_K8S_IMAGE: cluster.agentImage, GC_K8S_TOOLING: "true" } }),
    finds: { check: "image", level: "error", says: /lacks gc, bd/ },
  },
  {
    title: "a secret of the settings is absent",
    breakIt: () => ({ env: { GC_K8S_ENV_FROM_CREDENTIALS: "absent" } }),
    finds: { check: "image", level: "error", says: /CreateContainerConfigError.*absent/ },
  },
  {
    title: "no node has the labels that are asked for",
    breakIt: () => ({ env: { GC_K8S_NODE_SELECTOR: '{"disk":"none"}' } }),
    finds: { check: "image", level: "error", says: /Unschedulable/ },
  },
  {
    title: "no node has room",
    breakIt: () => ({ env: { GC_K8S_CPU_REQUEST: "1000", GC_K8S_CPU_LIMIT: "1000" } }),
    finds: { check: "image", level: "error", says: /Insufficient cpu/ },
  },
  {
    title: "the ServiceAccount of agents is absent",
    breakIt: () => ({ env: { GC_K8S_SERVICE_ACCOUNT: "absent" } }),
    finds: { check: "pod", level: "error", says: /service account .*absent/ },
  },
  {
    title: "the PriorityClass is absent",
    breakIt: () => ({ env: { GC_K8S_PRIORITY_CLASS_NAME: "absent" } }),
    finds: { check: "pod", level: "error", says: /PriorityClass/ },
  },
  {
    title: "the RuntimeClass is absent",
    breakIt: () => ({ env: { GC_K8S_RUNTIME_CLASS_NAME: "absent" } }),
    finds: { check: "pod", level: "error", says: /RuntimeClass/ },
  },
  {
    title: "the storage class of workspaces is absent",
    breakIt: () => ({ env: { GC_K8S_WORKSPACE: "claim", GC_K8S_WORKSPACE_CLASS: "absent" } }),
    finds: { check: "storage", level: "error", says: /no storage class "absent"/ },
  },
  {
    title: "Dolt's name does not resolve",
    breakIt: () => ({ env: { GC_K8S_DOLT_HOST: "dolt.absent.svc.cluster.local", GC_K8S_DOLT_PORT: "3307" } }),
    finds: { check: "dns", level: "error", says: /GC_K8S_DOLT_HOST/ },
  },
  {
    title: "nobody answers at Dolt's port",
    breakIt: ({ env }) => ({
      env: { GC_K8S_DOLT_HOST: `dolt.${env["GC_K8S_NAMESPACE"]}.svc.cluster.local`, GC_K8S_DOLT_PORT: "3999" },
    }),
    finds: { check: "dolt address", level: "error", says: /do not reach Dolt at .*:3999/ },
  },
  {
    title: "pods have no DNS",
    breakIt: (place) => ({ env: { GC_K8S_POD_TEMPLATE: template(place, NO_DNS) } }),
    finds: { check: "dns", level: "error", says: /no name of the cluster/ },
  },
];

const NO_DNS = { dnsPolicy: "None", dnsConfig: { nameservers: ["127.0.0.1"] } };

/** An image that every node has and that holds one program, which is no shell. */
function pauseImage({ kubectl }: TestNamespace): string {
  const names = kubectl("get", "nodes", "-o", "jsonpath={.items[*].status.images[*].names[*]}").split(/\s+/);
  return names.find((name) => /pause[^@]*$/.test(name)) ?? "";
}

function template({ scratch }: Place, pod: object): string {
  const path = join(scratch, "template.yaml");
  writeFileSync(path, JSON.stringify(pod));
  return path;
}
