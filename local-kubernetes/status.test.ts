import { expect, test } from "bun:test";
import { type ClusterStatus, statusLines } from "./status.ts";

const RUNNING: ClusterStatus = {
  name: "a",
  state: "degraded",
  kubeconfig: "/c/a/kubeconfig",
  context: "gc-k8s-a",
  server: "https://10.199.0.2:6443",
  node: "gc-k8s-a",
  logs: "/c/a/logs",
  kubectl: "/c/a/bin/kubectl",
  init: 7,
  nodeReady: false,
  images: { agent: "local/gc-agent:1", pause: "local/gc-pause:1", beads: "local/gc-beads:1" },
  components: {
    etcd: { pid: 8, healthy: true },
    kubelet: { pid: 9, healthy: false },
    containerd: { pid: 0, healthy: false },
  },
};

test("statusLines() tells which component is not healthy and which is down", () => {
  expect(statusLines(RUNNING)).toBe(`Cluster "a" is degraded
  server                   https://10.199.0.2:6443
  kubeconfig               /c/a/kubeconfig
  agent image              local/gc-agent:1
  node Ready               no
  etcd                     healthy
  kubelet                  not healthy
  containerd               down
`);
});

test("statusLines() has nothing to say about the parts of a cluster that does not run", () => {
  expect(statusLines({ ...RUNNING, state: "absent", init: 0 })).toBe('Cluster "a" is absent\n');
});
