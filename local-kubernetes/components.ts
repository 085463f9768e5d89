import type { Cluster } from "./layout.ts";
import { PODS, POLICIES_QUEUE, SERVICES } from "./network.ts";

/** Where the node sees its cluster's directory. */
export const NODE_DIRECTORY = "/run/gc-k8s";
/** The port of the API at the node's address. */
export const API_PORT = 6443;
/** The port at which the cluster's DNS tells that it is ready, at the node's address. */
export const DNS_READY_PORT = 8181;
/** The port at which what enforces NetworkPolicies tells that it does, at the node's address. */
const POLICIES_HEALTH_PORT = 9080;
/** What the default StorageClass names as its provisioner. */
export const PROVISIONER = "gc-k8s.local/directory";

/** A program that init keeps running on the node. */
export interface Component {
  name: string;
  argv: string[];
  /** What must accept connections before it starts: HOST:PORT or a socket's path. */
  after?: string;
  /** Where it answers 200 when it is healthy, as seen from this machine. */
  health?: string;
}

const ETCD = "127.0.0.1:2379";
const CONTAINERD = "/run/containerd/containerd.sock";

/** Everything that runs on a node besides pods, in the order in which it starts. */
export function components(cluster: Cluster, address: string, containerd: string): Component[] {
  const api = `${address}:${API_PORT}`;
  return [
    { name: "containerd", argv: [containerd, "--config", config("containerd.toml")] },
    { name: "etcd", argv: [bin("etcd"), ...flags(etcd(address))], health: `http://${address}:2381/health` },
    {
      name: "kube-apiserver",
      argv: [bin("kube-apiserver"), ...flags(apiserver(address))],
      after: ETCD,
      health: `https://${api}/readyz`,
    },
    {
      name: "kubelet",
      argv: [bin("kubelet"), ...flags(kubelet(cluster, address))],
      after: CONTAINERD,
      health: `http://${address}:10248/healthz`,
    },
    {
      name: "kube-controller-manager",
      argv: [bin("kube-controller-manager"), ...flags(controllerManager(address))],
      after: api,
      health: `https://${address}:10257/healthz`,
    },
    {
      name: "kube-scheduler",
      argv: [bin("kube-scheduler"), ...flags(scheduler(address))],
      after: api,
      health: `https://${address}:10259/healthz`,
    },
    {
      name: "kube-proxy",
      argv: [bin("kube-proxy"), "--config", config("kube-proxy.json")],
      after: api,
      health: `http://${address}:10256/healthz`,
    },
    {
      name: "coredns",
      argv: [bin("coredns"), "-conf", config("Corefile")],
      after: api,
      health: `http://${address}:${DNS_READY_PORT}/ready`,
    },
    {
      name: "kube-network-policies",
      argv: [bin("kube-network-policies"), ...flags(networkPolicies(address))],
      after: api,
      health: `http://${address}:${POLICIES_HEALTH_PORT}/healthz`,
    },
    { name: "storage-provisioner", argv: [bin("storage-provisioner"), ...flags(storageProvisioner())], after: api },
  ];
}

function etcd(address: string): Record<string, string> {
  return {
    "data-dir": "/var/lib/etcd",
    "listen-client-urls": `http://${ETCD}`,
    "advertise-client-urls": `http://${ETCD}`,
    "listen-peer-urls": "http://127.0.0.1:2380",
    "listen-metrics-urls": `http://${address}:2381`,
    "unsafe-no-fsync": "true", // losing the last writes with the machine is fine here, slow disks are not
    "log-level": "warn",
  };
}

function apiserver(address: string): Record<string, string> {
  return {
    "advertise-address": address,
    "bind-address": "0.0.0.0",
    "secure-port": `${API_PORT}`,
    "allow-privileged": "true",
    "authorization-mode": "Node,RBAC",
    "enable-admission-plugins": "NodeRestriction",
    "etcd-servers": `http://${ETCD}`,
    "service-cluster-ip-range": SERVICES,
    "client-ca-file": key("ca.crt"),
    "tls-cert-file": key("apiserver.crt"),
    "tls-private-key-file": key("apiserver.key"),
    "kubelet-certificate-authority": key("ca.crt"),
    "kubelet-client-certificate": key("apiserver-kubelet-client.crt"),
    "kubelet-client-key": key("apiserver-kubelet-client.key"),
    "kubelet-preferred-address-types": "InternalIP",
    "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
    "service-account-key-file": key("service-accounts.pub"),
    "service-account-signing-key-file": key("service-accounts.key"),
    "audit-policy-file": config("audit-policy.json"),
    "audit-log-path": `${NODE_DIRECTORY}/logs/audit.log`,
    "audit-log-maxsize": "200",
    "audit-log-maxbackup": "5",
  };
}

function controllerManager(address: string): Record<string, string> {
  return {
    kubeconfig: config("kube-controller-manager.kubeconfig"),
    "bind-address": address,
    "cluster-cidr": PODS,
    "cluster-signing-cert-file": key("ca.crt"),
    "cluster-signing-key-file": key("ca.key"),
    "kube-api-qps": "200", // the default of 20 makes it start its controllers slowly
    "kube-api-burst": "400",
    "flex-volume-plugin-dir": "/var/lib/kubelet/volume-plugins",
    "leader-elect": "false",
    "root-ca-file": key("ca.crt"),
    "service-account-private-key-file": key("service-accounts.key"),
    "service-cluster-ip-range": SERVICES,
    "use-service-account-credentials": "true",
  };
}

function scheduler(address: string): Record<string, string> {
  const kubeconfig = config("kube-scheduler.kubeconfig");
  return {
    kubeconfig,
    "bind-address": address,
    "kube-api-qps": "200",
    "kube-api-burst": "400",
    "leader-elect": "false",
    // A pod whose volume was bound while the scheduler looked is seldom forgotten, by default for 5 minutes.
    "pod-max-in-unschedulable-pods-duration": "5s",
  };
}

function kubelet(cluster: Cluster, address: string): Record<string, string> {
  return {
    kubeconfig: config("kubelet.kubeconfig"),
    config: config("kubelet.json"),
    "hostname-override": cluster.node,
    "node-ip": address,
  };
}

function networkPolicies(address: string): Record<string, string> {
  return {
    kubeconfig: config("kube-network-policies.kubeconfig"),
    queue: POLICIES_QUEUE,
    health: `${address}:${POLICIES_HEALTH_PORT}`,
  };
}

function storageProvisioner(): Record<string, string> {
  return { kubeconfig: config("storage-provisioner.kubeconfig"), root: "/var/lib/volumes", name: PROVISIONER };
}

function flags(values: Record<string, string>): string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}

function bin(name: string): string {
  return `${NODE_DIRECTORY}/bin/${name}`;
}

function config(name: string): string {
  return `${NODE_DIRECTORY}/config/${name}`;
}

function key(name: string): string {
  return `${NODE_DIRECTORY}/keys/${name}`;
}
