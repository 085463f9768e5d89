import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
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

const CLIENTS = ["kubelet", "kube-controller-manager", "kube-scheduler", "kube-proxy", "storage-provisioner"];

/** What a cluster's files are made from. */
export interface NodeInputs {
  cluster: Cluster;
  address: string;
  /** The executable of the node in the cache. */
  binary: string;
  pauseImage: string;
}

/** Writes every file that a node starts from and returns a hash of them: equal hash, equal node. */
export async function ensureNodeFiles(inputs: NodeInputs): Promise<string> {
  const { cluster, address, binary } = inputs;
  for (const name of ["logs", "config", "var/lib/kubelet", "var/lib/volumes", "var/log", "var/tmp"]) {
    mkdirSync(join(cluster.directory, name), { recursive: true });
  }
  await ensureMade(join(cluster.directory, "bin"), async (directory) => linkNodeBinary(binary, directory), binary);
  const keys = join(cluster.directory, "keys");
  await ensureMade(keys, async (directory) => {
    await runTool([join(cluster.directory, "bin", "certs"), directory, cluster.node, address, API_SERVICE]);
  });

  const settings = { cluster, address, pauseImage: inputs.pauseImage, cniPlugins: cniPlugins() };
  const texts: Record<string, string> = nodeConfig(settings);
  for (const user of CLIENTS)
    texts[`${user}.kubeconfig`] = kubeconfig({ context: cluster.context, address, user }, keys);
  for (const [name, text] of Object.entries(texts)) writeAtomically(join(cluster.directory, "config", name), text);
  const programs = JSON.stringify(components(cluster, address, containerdPath()), undefined, 2);
  writeAtomically(join(cluster.directory, "components.json"), programs);
  writeAtomically(cluster.kubeconfig, kubeconfig({ context: cluster.context, address, user: "admin" }, keys));

  const hash = createHash("sha256").update(binary).update(programs);
  for (const name of Object.keys(texts).sort()) hash.update(`${name}\n${texts[name]}`);
  return hash.digest("hex");
}

// Makes a directory in one step, and again when what it was made from is another.
async function ensureMade(directory: string, make: (into: string) => Promise<void>, from = ""): Promise<void> {
  const label = join(directory, ".made-from");
  if (existsSync(label) && readFileSync(label, "utf8") === from) return;
  const unfinished = mkdtempSync(`${directory}.unfinished-`);
  await make(unfinished);
  writeAtomically(join(unfinished, ".made-from"), from);
  rmSync(directory, { recursive: true, force: true });
  renameSync(unfinished, directory);
}
