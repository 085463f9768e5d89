import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const ROOT = "/sys/fs/cgroup";

/** A process, by its number on this machine and its number inside the innermost PID namespace. */
export interface Process {
  pid: number;
  /** Its numbers from this namespace inwards; a component of a node has two, a pod's process three. */
  numbers: number[];
  /** Its state in one letter as /proc shows it, such as S or T. */
  state: string;
  /** The number of its parent on this machine. */
  parent: number;
}

/** Makes a cgroup for a cluster in every hierarchy of the machine; the kubelet puts pods below it. */
export function ensureCgroup(path: string): void {
  for (const hierarchy of hierarchies()) {
    mkdirSync(join(hierarchy, path), { recursive: true });
    inheritCpuset(join(hierarchy, path));
  }
  if (isUnified()) delegateControllers(path);
  mkdirSync(dirname(membersFile(path)), { recursive: true });
}

/**
 * The file that takes a process's number to make it, and its children, members of the
 * cluster. With cgroup v1 one hierarchy is enough: it is there to find processes by.
 */
export function membersFile(path: string): string {
  return join(isUnified() ? ROOT : join(ROOT, "pids"), path, "node", "cgroup.procs");
}

/** Every living process that is in a cgroup or below it, in any hierarchy. */
export function processesIn(path: string): Process[] {
  const found: Process[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const memberships = readProcess(entry, "cgroup");
    if (!memberships?.split("\n").some((line) => isBelow(line.split(":").slice(2).join(":"), path))) continue;
    const process = processOf(entry);
    // A zombie holds nothing; its parent is late.
    if (process && process.state !== "Z") found.push(process);
  }
  return found;
}

/** The children of these processes that have ended, of which their parents have not taken note: a zombie is in no
 * cgroup that would tell whose it is. */
export function zombiesOf(parents: Process[]): Process[] {
  const pids = new Set(parents.map(({ pid }) => pid));
  const processes = readdirSync("/proc").flatMap((entry) => (/^\d+$/.test(entry) ? (processOf(entry) ?? []) : []));
  return processes.filter(({ state, parent }) => state === "Z" && pids.has(parent));
}

function processOf(entry: string): Process | undefined {
  const status = readProcess(entry, "status");
  const field = (name: string) => status?.match(new RegExp(`^${name}:\\s+(.*)$`, "m"))?.[1];
  const state = field("State")?.[0];
  if (!state) return undefined;
  const numbers = (field("NSpid") ?? entry).split(/\s+/).map(Number);
  return { pid: Number(entry), numbers, state, parent: Number(field("PPid")) };
}

/** The cgroup directories of a path in all hierarchies, children before their parents. */
export function cgroupDirectories(path: string): string[] {
  return hierarchies().flatMap((hierarchy) => deepestFirst(join(hierarchy, path)));
}

/** Removes a cgroup and all below it; false while the kernel still counts an ended process in one. */
export function removeCgroup(path: string): boolean {
  try {
    for (const directory of cgroupDirectories(path)) rmdirSync(directory);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EBUSY") return false;
    throw error;
  }
}

/** Lets go on what the freezer holds: a frozen process of cgroup v1 cannot even be killed. */
export function thaw(path: string): void {
  for (const directory of deepestFirst(join(ROOT, "freezer", path))) {
    writeFileSync(join(directory, "freezer.state"), "THAWED");
  }
}

/** Whether this machine has cgroup v2 alone, as new distributions do. */
export function isUnified(): boolean {
  return existsSync(join(ROOT, "cgroup.controllers"));
}

function hierarchies(): string[] {
  if (isUnified()) return [ROOT];
  const entries = readdirSync(ROOT, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(ROOT, entry.name));
}

function delegateControllers(path: string): void {
  const available = readFileSync(join(ROOT, "cgroup.controllers"), "utf8").trim().split(/\s+/);
  const enable = available.map((name) => `+${name}`).join(" ");
  for (const directory of [ROOT, join(ROOT, path)]) writeFileSync(join(directory, "cgroup.subtree_control"), enable);
}

// A new cgroup of v1 may use no processor and no memory node until it is told which.
function inheritCpuset(directory: string): void {
  for (const name of ["cpuset.cpus", "cpuset.mems"]) {
    const file = join(directory, name);
    if (isUnified() || !existsSync(file)) continue;
    writeFileSync(file, readFileSync(join(dirname(directory), name), "utf8"));
  }
}

function deepestFirst(directory: string): string[] {
  if (!existsSync(directory)) return [];
  const children = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...children.flatMap((child) => deepestFirst(join(directory, child.name))), directory];
}

function isBelow(path: string, ancestor: string): boolean {
  return path === ancestor || path.startsWith(`${ancestor}/`);
}

// A process may end between two looks at it.
function readProcess(pid: string, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}
