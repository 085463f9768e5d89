import { createHash } from "node:crypto";
import { existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { components } from "./components.ts";
import { writeAtomically } from "./files.ts";
import { kubeconfig } from "./kubeconfig.ts";
import type { Cluster } from "./layout.ts";
import { API_SERVICE } from "./network.ts";
import { linkNodeBinary } from "./node-binary.ts";
import { nodeConfig } from "./node-config.ts";
import { cniPlugins, containerdPath } from "./packages.ts";
import { runTool } from "./run-tool.ts";

const CLIENTS = [
  "kubelet",
  "kube-controller-manager",
  "kube-scheduler",
  "kube-proxy",
  "coredns",
  "storage-provisioner",
  "kube-network-policies",
];

/** What a cluster's files are made from. */
export interface NodeInputs {
  cluster: Cluster;
  address: string;
  /** The executable of the node in the cache. */
  binary: string;
  /** The executable of the cluster's DNS in the cache. */
  dns: string;
  pauseImage: string;
}

/** Writes every file that a node starts from and returns a hash of them: equal hash, equal node. */
export async function ensureNodeFiles(inputs: NodeInputs): Promise<string> {
  const { cluster, address, binary, dns } = inputs;
  for (const name of ["logs", "config", "var/lib/kubelet", "var/lib/volumes", "var/log", "var/tmp"]) {
    mkdirSync(join(cluster.directory, name), { recursive: true });
  }
  const linkPrograms = async (directory: string) => {
    linkNodeBinary(binary, directory);
    linkSync(dns, join(directory, "coredns")); // a link survives a newer build
  };
  await ensureMade(join(cluster.directory, "bin"), linkPrograms, `${binary} ${dns}`);
  const keys = join(cluster.directory, "keys");
  const makeKeys = async (directory: string) => {
    await runTool([join(cluster.directory, "bin", "certs"), directory, cluster.node, address, API_SERVICE]);
  };
  await ensureMade(keys, makeKeys, CLIENTS.join());

  const settings = { cluster, address, pauseImage: inputs.pauseImage, cniPlugins: cniPlugins() };
  const texts: Record<string, string> = nodeConfig(settings);
  for (const user of CLIENTS)
    texts[`${user}.kubeconfig`] = kubeconfig({ context: cluster.context, address, user }, keys);
  for (const [name, text] of Object.entries(texts)) writeAtomically(join(cluster.directory, "config", name), text);
  const programs = JSON.stringify(components(cluster, address, containerdPath()), undefined, 2);
  writeAtomically(join(cluster.directory, "components.json"), programs);
  writeAtomically(cluster.kubeconfig, kubeconfig({ context: cluster.context, address, user: "admin" }, keys));

  const hash = createHash("sha256").update(binary).update(dns).update(programs);
  for (const name of Object.keys(texts).sort()) hash.update(`${name}\n${texts[name]}`);
  return hash.digest("hex");
}

// Makes a directory in one step, and again when what it was made from is another.
async function ensureMade(directory: string, make: (into: string) => Promise<void>, from: string): Promise<void> {
  const label = join(directory, ".made-from");
  if (existsSync(label) && readFileSync(label, "utf8") === from) return;
  const unfinished = mkdtempSync(`${directory}.unfinished-`);
  await make(unfinished);
  writeAtomically(join(unfinished, ".made-from"), from);
  rmSync(directory, { recursive: true, force: true });
  renameSync(unfinished, directory);
}
