import { type Api, applyObject } from "./api.ts";
import { bound, ownRole } from "./component-rights.ts";
import { PROVISIONER } from "./components.ts";
import { dnsObjects } from "./dns-objects.ts";
import { until } from "./until.ts";

/** What makes claims of volumes bind, by path. */
const STORAGE: Record<string, object> = {
  "/apis/storage.k8s.io/v1/storageclasses/standard": {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
    provisioner: PROVISIONER,
    reclaimPolicy: "Delete",
    volumeBindingMode: "Immediate",
  },
  ...bound("storage-provisioner", "system:persistent-volume-provisioner"),
};

/** What lets kube-network-policies see what it enforces, by path. */
const POLICIES = ownRole("kube-network-policies", [
  { apiGroups: [""], resources: ["pods", "namespaces"], verbs: ["list", "watch"] },
  { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: ["list", "watch"] },
]);

/** Brings the API objects that belong to every cluster into it; waits for the API if need be. */
export async function ensureAddOns(api: Api, nodeAddress: string): Promise<void> {
  for (const [path, manifest] of Object.entries({ ...STORAGE, ...POLICIES, ...dnsObjects(nodeAddress) })) {
    await until(
      () => `the API to take ${path}`,
      120_000,
      async () => (await applyObject(api, path, manifest)) || undefined,
    );
  }
}
