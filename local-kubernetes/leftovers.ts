import { readdirSync, readFileSync } from "node:fs";
import { cgroupDirectories, processesIn } from "./cgroups.ts";
import { directoriesOf } from "./cluster-directory.ts";
import { type Cluster, clusterNamed } from "./layout.ts";
import { hasLink } from "./network.ts";

/**
 * Lists every trace of a cluster on this machine, one description each: processes, mounts,
 * links, cgroups, lines of /etc/hosts, files. None is left after `down`.
 */
export async function leftovers(name: string): Promise<string[]> {
  const cluster = clusterNamed(name);
  return [
    ...processesIn(cluster.cgroup).map(({ pid }) => `process ${pid}`),
    ...mountsOf(cluster).map((path) => `mount ${path}`),
    ...(hasLink(cluster.link) ? [`link ${cluster.link}`] : []),
    ...cgroupDirectories(cluster.cgroup).map((path) => `cgroup ${path}`),
    ...linesOf("/etc/hosts", cluster.context).map((line) => `line of /etc/hosts "${line}"`),
    ...directoriesOf(cluster).map((path) => `directory ${path}`),
  ];
}

// A mount can live on in any process's mount namespace, not only in ours.
function mountsOf(cluster: Cluster): string[] {
  const processes = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  const found = processes.flatMap((pid) => linesOf(`/proc/${pid}/mountinfo`, `${cluster.directory}/`));
  return [...new Set(found.map((line) => line.split(" ")[4] ?? line))];
}

// A file of a process may vanish or, once the process ended, refuse to be read.
function linesOf(file: string, text: string): string[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line.includes(text));
  } catch (error) {
    if (["ENOENT", "EINVAL", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}
