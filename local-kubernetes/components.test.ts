import { expect, test } from "bun:test";
import { components } from "./components.ts";
import { clusterNamed } from "./layout.ts";
import { nodeConfig } from "./node-config.ts";

const cluster = clusterNamed("a");
const list = components(cluster, "10.199.7.2", "/usr/bin/containerd");

test("components() lists each program once, under a name that logs and faults use", () => {
  const names = list.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain("kube-apiserver");
});

test("components() reads no configuration file that nodeConfig() or the kubeconfigs do not make", () => {
  const made = new Set(Object.keys(nodeConfig({ cluster, address: "", pauseImage: "", cniPlugins: "" })));
  const read = list.flatMap(({ argv }) => argv.flatMap((word) => word.match(/gc-k8s\/config\/(\S+)/)?.[1] ?? []));
  for (const name of read) expect(name.endsWith(".kubeconfig") || made.has(name), name).toBe(true);
});

test("components() opens no address but the node's and its loopback", () => {
  const addresses = list.flatMap(({ argv }) => argv.join(" ").match(/\d+\.\d+\.\d+\.\d+(?=[: ]|$)/g) ?? []);
  expect(new Set(addresses)).toEqual(new Set(["127.0.0.1", "10.199.7.2", "0.0.0.0"]));
});
