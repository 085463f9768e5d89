import { spawn } from "node:child_process";
import { existsSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
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
  return await until(
    () => "the node's first process",
    10_000,
    async () => {
      if (shell.exitCode !== null)
        throw new Error(`Cannot start the node: status ${shell.exitCode}; see ${cluster.logs}/init.log`);
      return findInit(cluster);
    },
  );
}

/** The PID on this machine of the node's init, if it runs. */
export function findInit(cluster: Cluster): number | undefined {
  return initAmong(processesIn(cluster.cgroup));
}

/**
 * Throws if the cluster of this name that runs has its files below another cache directory:
 * the two would share cgroup and link, so the other one would be taken for a broken ours.
 */
export function refuseForeign(cluster: Cluster): void {
  const init = findInit(cluster);
  if (!init) return;
  const directory = readlinkSync(`/proc/${init}/cwd`);
  if (directory.endsWith(" (deleted)") || dirname(directory) === dirname(cluster.directory)) return;
  throw new Error(
    `Cannot use the name "${cluster.name}": a cluster in "${directory}" has it; choose another with --name`,
  );
}

/** The one among a cluster's processes that is PID 1 of the node. */
export function initAmong(processes: Process[]): number | undefined {
  return processes.find(({ numbers }) => numbers.length === 2 && numbers[1] === 1)?.pid;
}

/** The hash of the files that the present node was started from. */
export function startedHash(cluster: Cluster): string | undefined {
  const file = startedFrom(cluster);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** Lets components run that were stopped or held down, as tests of faults do. */
export function wakeNode(cluster: Cluster): void {
  for (const file of readdirSync(cluster.logs)) if (file.endsWith(".hold")) rmSync(join(cluster.logs, file));
  const stopped = processesIn(cluster.cgroup).filter(({ numbers, state }) => numbers.length === 2 && state === "T");
  for (const { pid } of stopped) signal(pid, "SIGCONT");
}

/** Ends every process of a cluster and removes its network and cgroups; its files stay. */
export async function stopNode(cluster: Cluster): Promise<void> {
  thaw(cluster.cgroup);
  const init = findInit(cluster);
  if (init) signal(init, "SIGKILL"); // the kernel then ends all that is in its PID namespace
  await until(
    () => `the end of cluster "${cluster.name}"`,
    30_000,
    async () => {
      const left = processesIn(cluster.cgroup);
      for (const { pid } of left) signal(pid, "SIGKILL");
      return left.length === 0 || undefined;
    },
  );
  await removeLink(cluster.link);
  await until(
    () => `the removal of cgroup "${cluster.cgroup}"`,
    10_000,
    async () => removeCgroup(cluster.cgroup) || undefined,
  );
  rmSync(startedFrom(cluster), { force: true });
}

function startedFrom(cluster: Cluster): string {
  return join(cluster.directory, "started-from");
}

function signal(pid: number, name: "SIGKILL" | "SIGCONT"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it ended by itself
  }
}
