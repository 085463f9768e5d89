import { DNS_READY_PORT, NODE_DIRECTORY } from "./components.ts";
import type { Cluster } from "./layout.ts";
import { DNS_SERVICE, PODS } from "./network.ts";

/** What the node's configuration depends on. */
export interface NodeSettings {
  cluster: Cluster;
  address: string;
  pauseImage: string;
  /** The directory that holds the CNI plugins on this machine. */
  cniPlugins: string;
}

/** The texts of the components' configuration files, by name. JSON is YAML, so every component reads it. */
export function nodeConfig(settings: NodeSettings): Record<string, string> {
  return {
    "containerd.toml": containerd(settings),
    "cni/10-pods.conflist": json(podNetwork()),
    "kubelet.json": json(kubelet(settings)),
    "kube-proxy.json": json(kubeProxy(settings)),
    "audit-policy.json": json(auditPolicy()),
    Corefile: corefile(settings),
    // A name server of this machine is out of a pod's reach; one that is missing fails at once.
    "resolv.conf": "",
  };
}

function containerd({ pauseImage, cniPlugins }: NodeSettings): string {
  return `version = 2
# These two make directories in /opt.
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.nri.v1.nri"]

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # A machine may withhold the capability that a lower oom_score_adj needs.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${cniPlugins}"
    conf_dir = "${NODE_DIRECTORY}/config/cni"
`;
}

// ptp routes between pods instead of bridging: every packet passes the node's rules, so services
// work between any two pods without the br_netfilter module, and no masquerading by iptables is needed.
function podNetwork() {
  const ipam = {
    type: "host-local",
    dataDir: "/run/cni", // ends with the node, as the pods do
    ranges: [[{ subnet: PODS }]],
    routes: [{ dst: "0.0.0.0/0" }],
  };
  return { cniVersion: "0.4.0", name: "pods", plugins: [{ type: "ptp", ipMasq: false, ipam }] };
}

function kubelet({ cluster, address }: NodeSettings) {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${NODE_DIRECTORY}/keys/ca.crt` },
    },
    authorization: { mode: "Webhook" },
    cgroupDriver: "cgroupfs",
    cgroupRoot: cluster.cgroup,
    clusterDNS: [DNS_SERVICE],
    clusterDomain: "cluster.local",
    containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
    enforceNodeAllocatable: [],
    // The disk and the memory are this machine's; running low is not the cluster's doing.
    evictionHard: {
      "memory.available": "50Mi",
      "nodefs.available": "200Mi",
      "nodefs.inodesFree": "1000",
      "imagefs.available": "200Mi",
      "imagefs.inodesFree": "1000",
    },
    failCgroupV1: false,
    failSwapOn: false,
    healthzBindAddress: address,
    imageGCHighThresholdPercent: 100, // nothing could pull a removed image again
    makeIPTablesUtilChains: false,
    maxPods: 150,
    resolvConf: `${NODE_DIRECTORY}/config/resolv.conf`,
    serializeImagePulls: false,
    tlsCertFile: `${NODE_DIRECTORY}/keys/kubelet-server.crt`,
    tlsPrivateKeyFile: `${NODE_DIRECTORY}/keys/kubelet-server.key`,
    volumePluginDir: "/var/lib/kubelet/volume-plugins",
  };
}

function kubeProxy({ cluster, address }: NodeSettings) {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    clientConnection: { kubeconfig: `${NODE_DIRECTORY}/config/kube-proxy.kubeconfig` },
    clusterCIDR: PODS,
    // These settings belong to the whole machine.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
    healthzBindAddress: `${address}:10256`,
    hostnameOverride: cluster.node,
    mode: "nftables",
    nftables: { minSyncPeriod: "100ms" },
  };
}

// Without a cache a name is right from the moment at which the API has it, and gone when it is gone.
// Names outside the cluster do not exist: nothing could be reached by them.
function corefile({ address }: NodeSettings): string {
  return `cluster.local {
  bind ${address}
  ready ${address}:${DNS_READY_PORT}
  errors
  kubernetes {
    kubeconfig ${NODE_DIRECTORY}/config/coredns.kubeconfig
    ttl 0
  }
}
. {
  bind ${address}
  errors
  template ANY ANY {
    rcode NXDOMAIN
  }
}
`;
}

function auditPolicy() {
  return {
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    rules: [{ level: "Metadata" }],
  };
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
