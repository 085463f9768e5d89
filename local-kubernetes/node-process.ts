import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureCgroup, membersFile, type Process, processesIn, removeCgroup, thaw } from "./cgroups.ts";
import { writeAtomically } from "./files.ts";
import type { Cluster } from "./layout.ts";
import { removeLink } from "./network.ts";
import { until } from "./until.ts";

/** Starts init as PID 1 of new namespaces and returns its PID on this machine. */
export async function startNode(cluster: Cluster, hash: string): Promise<number> {
  ensureCgroup(cluster.cgroup);
  writeAtomically(startedFrom(cluster), hash);
  // The shell joins the cgroup before it starts anything, so that whatever this leaves can be found.
  const script = 'echo $$ > "$0" && exec unshare --mount --net --pid --fork --kill-child --mount-proc bin/init';
  const log = openSync(join(cluster.logs, "init.log"), "a");
  const shell = spawn("sh", ["-c", script, membersFile(cluster.cgroup)], {
    cwd: cluster.directory,
    detached: true, // a session of its own: it outlives this process and its terminal
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root" },
    stdio: ["ignore", log, log],
  });
  shell.unref();
  return await until("the node's first process", 10_000, async () => {
    if (shell.exitCode !== null) throw new Error(`Cannot start the node: status ${shell.exitCode}; see ${cluster.logs}/init.log`);
    return findInit(cluster);
  });
}

/** The PID on this machine of the node's init, if it runs. */
export function findInit(cluster: Cluster): number | undefined {
  return initAmong(processesIn(cluster.cgroup));
}

/** The one among a cluster's processes that is PID 1 of the node. */
export function initAmong(processes: Process[]): number | undefined {
  return processes.find(({ numbers, state }) => numbers.length === 2 && numbers[1] === 1 && state !== "Z")?.pid;
}

/** The hash of the files that the present node was started from. */
export function startedHash(cluster: Cluster): string | undefined {
  const file = startedFrom(cluster);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** Ends every process of a cluster and removes its network and cgroups; its files stay. */
export async function stopNode(cluster: Cluster): Promise<void> {
  thaw(cluster.cgroup);
  const init = findInit(cluster);
  if (init) kill(init); // the kernel then ends all that is in its PID namespace
  await until(`the end of cluster "${cluster.name}"`, 30_000, async () => {
    const left = processesIn(cluster.cgroup).filter(({ state }) => state !== "Z");
    for (const { pid } of left) kill(pid);
    return left.length === 0 || undefined;
  });
  if (existsSync(`/sys/class/net/${cluster.link}`)) await removeLink(cluster.link);
  await until(`the removal of cgroup ${cluster.cgroup}`, 10_000, async () => removeCgroup(cluster.cgroup));
  rmSync(startedFrom(cluster), { force: true });
}

function startedFrom(cluster: Cluster): string {
  return join(cluster.directory, "started-from");
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it ended by itself
  }
}
