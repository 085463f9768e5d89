import { ownRole } from "./component-rights.ts";
import { DNS_SERVICE } from "./network.ts";

const LABELS = { "k8s-app": "kube-dns" };

/** What makes CoreDNS, which runs on the node, the DNS of its cluster: its address for pods and its rights, by path. */
export function dnsObjects(nodeAddress: string): Record<string, object> {
  const ports = ["UDP", "TCP"].map((protocol) => ({ name: `dns-${protocol.toLowerCase()}`, port: 53, protocol }));
  return {
    // Without a selector, so that the endpoints are ours to name.
    "/api/v1/namespaces/kube-system/services/kube-dns": {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kube-dns", namespace: "kube-system", labels: LABELS },
      spec: { clusterIP: DNS_SERVICE, ports },
    },
    "/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices/kube-dns": {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        name: "kube-dns",
        namespace: "kube-system",
        labels: { ...LABELS, "kubernetes.io/service-name": "kube-dns" },
      },
      addressType: "IPv4",
      endpoints: [{ addresses: [nodeAddress], conditions: { ready: true } }],
      ports,
    },
    ...ownRole("coredns", [
      { apiGroups: [""], resources: ["namespaces", "services"], verbs: ["list", "watch"] },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
    ]),
  };
}
