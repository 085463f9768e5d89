import { readdirSync, readFileSync } from "node:fs";
import { type Process, processesIn, zombiesOf } from "../../local-kubernetes/cgroups.ts";
import { clusterStatus } from "../../local-kubernetes/status.ts";
import { localCluster } from "../security/places.ts";
import type { Ground } from "./fault-ground.ts";
import type { Held } from "./soak-judge.ts";

const COMPONENTS = ["kube-apiserver", "kubelet", "containerd", "etcd"];
/** Boxes and other tests make processes all the time; what is there at each of so many looks stays. */
const LOOKS = 8;

/** What the ground's namespace holds of the machine. */
export async function heldBy(ground: Ground): Promise<Held> {
  const { components } = await clusterStatus(localCluster().name);
  let held = await look(ground);
  for (let number = 1; number < LOOKS; number++) {
    await Bun.sleep(300);
    held = inBoth(held, await look(ground));
  }
  const ofComponents = COMPONENTS.map((name) => [name, descriptorsOf(components[name]?.pid ?? 0)]);
  return { ...held, descriptors: { ...Object.fromEntries(ofComponents), ...held.descriptors } };
}

async function look(ground: Ground): Promise<Held> {
  const processes = processesIn(localCluster().cgroup);
  const podOf = new Map(processes.map(({ pid }) => [pid, podOfProcess(pid)]));
  // The list comes after the processes: the pod of each of them was there before it.
  const pods = (await ground.kubectl("get", "pods", "-A", "-o", PODS)).trim().split("\n");
  const known = new Map(pods.map((line) => line.split(" ") as [string, string]));
  const isOurs = ({ pid }: Process) => known.get(podOf.get(pid) ?? "") === ground.env["GC_K8S_NAMESPACE"];
  const ours = processes.filter(isOurs);
  const shims = processes.filter(({ pid }) => commandOf(pid).includes("containerd-shim"));
  const parents = new Set(processes.map(({ parent }) => parent));
  const ourParents = new Set(ours.map(({ parent }) => parent));
  const ourShims = shims.filter(({ pid }) => ourParents.has(pid));
  return {
    pods: [...known].filter(([, namespace]) => namespace === ground.env["GC_K8S_NAMESPACE"]).map(([uid]) => uid),
    processes: ours.map(({ pid }) => pid),
    zombies: zombiesOf([...ours, ...ourShims]).map(({ pid }) => pid),
    strays: processes.filter(({ pid }) => podOf.get(pid) && !known.has(podOf.get(pid) ?? "")).map(({ pid }) => pid),
    idleShims: shims.filter(({ pid }) => !parents.has(pid)).map(({ pid }) => pid),
    clients: clientsOf(ground),
    descriptors: { shims: ourShims.reduce((sum, { pid }) => sum + descriptorsOf(pid), 0) },
    podsOfNode: known.size,
  };
}

const PODS = 'jsonpath={range .items[*]}{.metadata.uid}{" "}{.metadata.namespace}{"\\n"}{end}';

function inBoth(one: Held, other: Held): Held {
  const both = <T>(some: T[], others: T[]) => some.filter((value) => others.includes(value));
  return {
    ...other,
    processes: both(one.processes, other.processes),
    zombies: both(one.zombies, other.zombies),
    strays: both(one.strays, other.strays),
    idleShims: both(one.idleShims, other.idleShims),
    clients: both(one.clients, other.clients),
    descriptors: { shims: Math.min(one.descriptors["shims"] ?? 0, other.descriptors["shims"] ?? 0) },
  };
}

/** Processes anywhere on this machine that work in the namespace, but this one's own. */
function clientsOf({ executable, env }: Ground): number[] {
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  return pids
    .map(Number)
    .filter(
      (pid) =>
        commandOf(pid).startsWith(`${executable}\0`) && read(pid, "environ").includes(env["GC_K8S_NAMESPACE"] ?? ""),
    );
}

function podOfProcess(pid: number): string {
  // With the systemd driver the name has underscores.
  return (
    /pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})/.exec(read(pid, "cgroup"))?.[1]?.replaceAll("_", "-") ?? ""
  );
}

function commandOf(pid: number): string {
  return read(pid, "cmdline");
}

function descriptorsOf(pid: number): number {
  return unlessGone(() => readdirSync(`/proc/${pid}/fd`).length) ?? 0;
}

function read(pid: number, file: string): string {
  return unlessGone(() => readFileSync(`/proc/${pid}/${file}`, "latin1")) ?? "";
}

// A process may end between two looks at it.
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
