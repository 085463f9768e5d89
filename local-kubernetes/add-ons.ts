import { type Api, applyObject } from "./api.ts";
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
  "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/storage-provisioner": {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "storage-provisioner" },
    roleRef: {
      apiGroup: "rbac.authorization.k8s.io",
      kind: "ClusterRole",
      name: "system:persistent-volume-provisioner",
    },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "storage-provisioner" }],
  },
};

/** What enforces NetworkPolicies has to see, by path. */
const POLICIES: Record<string, object> = {
  "/apis/rbac.authorization.k8s.io/v1/clusterroles/kube-network-policies": {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "kube-network-policies" },
    rules: [
      { apiGroups: [""], resources: ["pods", "namespaces"], verbs: ["list", "watch"] },
      { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: ["list", "watch"] },
    ],
  },
  "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/kube-network-policies": {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "kube-network-policies" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "kube-network-policies" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "kube-network-policies" }],
  },
};

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
