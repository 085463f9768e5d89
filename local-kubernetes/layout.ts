import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where everything of one cluster lives; all of it follows from the name. */
export interface Cluster {
  name: string;
  /** The kubeconfig's context. */
  context: string;
  /** The node's name in the API. */
  node: string;
  directory: string;
  kubeconfig: string;
  logs: string;
  /** The cgroup that holds every process of the cluster, as a path below each hierarchy. */
  cgroup: string;
  /** The host's end of the link to the node. */
  link: string;
}

/** Names the parts of a cluster; makes nothing. */
export function clusterNamed(name: string): Cluster {
  const directory = join(clustersDirectory(), name);
  const digest = createHash("sha256").update(name).digest("hex");
  return {
    name,
    context: `gc-k8s-${name}`,
    node: `gc-k8s-${name}`,
    directory,
    kubeconfig: join(directory, "kubeconfig"),
    logs: join(directory, "logs"),
    cgroup: `/gc-k8s-${name}`,
    link: `gck8s-${digest.slice(0, 8)}`, // Linux allows 15 characters
  };
}

/** Where what was built and downloaded is kept, outside the repository. */
export function cacheDirectory(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "gc-k8s");
}

/** The directory that holds one directory per cluster. */
export function clustersDirectory(): string {
  return join(cacheDirectory(), "clusters");
}
