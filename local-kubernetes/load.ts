import { existsSync } from "node:fs";
import type { Cluster } from "./layout.ts";
import { findInit } from "./node-process.ts";
import { runTool, ToolError } from "./run-tool.ts";
import { until } from "./until.ts";

/** Brings a docker-archive into a cluster's containerd, as `docker load` does, and returns the images' names. */
export async function loadImage(cluster: Cluster, archive: string): Promise<string[]> {
  if (!existsSync(archive)) throw new Error(`Cannot load "${archive}": no such file`);
  const output = await ctr(cluster, ["images", "import", "--snapshotter", "overlayfs", archive]);
  return [...output.matchAll(/^unpacking (\S+)/gm)].map(([, name]) => name ?? "");
}

/** Loads the archive of a named image unless the cluster has this image. */
export async function ensureImage(cluster: Cluster, name: string, archive: string): Promise<void> {
  const known = await until(
    () => "containerd to answer",
    60_000,
    async () => await imageNames(cluster),
  );
  if (!known.some((full) => full.endsWith(`/${name}`))) await loadImage(cluster, archive);
}

async function imageNames(cluster: Cluster): Promise<string[] | undefined> {
  if (!existsSync(socketOf(cluster))) return undefined;
  try {
    return (await ctr(cluster, ["images", "list", "--quiet"])).trim().split("\n");
  } catch (error) {
    if (error instanceof ToolError) return undefined; // it listens but is not ready, or ended just now
    throw error;
  }
}

async function ctr(cluster: Cluster, args: string[]): Promise<string> {
  return await runTool(["ctr", "--address", socketOf(cluster), "--namespace", "k8s.io", ...args]);
}

// The node's own /run is seen through its first process.
function socketOf(cluster: Cluster): string {
  const init = findInit(cluster);
  if (!init)
    throw new Error(`Cannot reach containerd of cluster "${cluster.name}": it does not run; start it with "up"`);
  return `/proc/${init}/root/run/containerd/containerd.sock`;
}
