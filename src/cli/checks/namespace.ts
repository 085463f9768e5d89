import { broken, type Check } from "./check.ts";

/** The namespace is there and stays. */
export const namespace: Check = {
  name: "namespace",
  async run({ namespace, get }) {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
    const found = await get<{ status?: { phase?: string } }>(path, `GET namespace "${namespace}"`);
    if (!found)
      return [broken(`namespace "${namespace}" is absent`, "gc-k8s install makes it; or set GC_K8S_NAMESPACE")];
    if (found.status?.phase === "Terminating")
      return [broken(`namespace "${namespace}" is being deleted`, "wait for its end, then run gc-k8s install")];
    return [];
  },
};
