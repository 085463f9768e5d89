import { readdirSync, readlinkSync } from "node:fs";
import { type Process, processesIn, zombiesOf } from "../../local-kubernetes/cgroups.ts";
import { clusterStatus } from "../../local-kubernetes/status.ts";
import { localCluster } from "../security/places.ts";
import { procFile, unlessGone } from "../support/proc.ts";
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
  const others = await containersOfOthers(ground);
  const ofComponents = COMPONENTS.map((name) => [name, descriptorsOf(components[name]?.pid ?? 0, others)]);
  return { ...held, descriptors: { ...Object.fromEntries(ofComponents), ...held.descriptors } };
}

async function look(ground: Ground): Promise<Held> {
  const processes = processesIn(localCluster().cgroup);
  const podOf = new Map(processes.map(({ pid }) => [pid, podOfProcess(pid)]));
  // The list comes after the processes: the pod of each of them was there before it.
  const known = await namespacesOfPods(ground);
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

/** Containers of other namespaces, whose execs hold descriptors of containerd for as long as they run. */
async function containersOfOthers(ground: Ground): Promise<Set<string>> {
  const processes = processesIn(localCluster().cgroup);
  const known = await namespacesOfPods(ground);
  const isOthers = (pid: number) => ![undefined, ground.env["GC_K8S_NAMESPACE"]].includes(known.get(podOfProcess(pid)));
  return new Set(processes.filter(({ pid }) => isOthers(pid)).map(({ pid }) => containerIn(procFile(pid, "cgroup"))));
}

/** The namespace of each pod, by its UID. */
async function namespacesOfPods(ground: Ground): Promise<Map<string, string>> {
  const pods = (await ground.kubectl("get", "pods", "-A", "-o", PODS)).trim().split("\n");
  return new Map(pods.map((line) => line.split(" ") as [string, string]));
}

/** The id of a container, "" where there is none. */
function containerIn(text: string): string {
  return /[0-9a-f]{64}/.exec(text)?.[0] ?? "";
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
        commandOf(pid).startsWith(`${executable}\0`) &&
        procFile(pid, "environ").includes(env["GC_K8S_NAMESPACE"] ?? ""),
    );
}

function podOfProcess(pid: number): string {
  // With the systemd driver the name has underscores.
  return (
    /pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})/.exec(procFile(pid, "cgroup"))?.[1]?.replaceAll("_", "-") ??
    ""
  );
}

function commandOf(pid: number): string {
  return procFile(pid, "cmdline");
}

/** Open descriptors but those that name a container of `others`. */
function descriptorsOf(pid: number, others = new Set<string>()): number {
  const descriptors = unlessGone(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  const targets = descriptors.map(
    (descriptor) => unlessGone(() => readlinkSync(`/proc/${pid}/fd/${descriptor}`)) ?? "",
  );
  return targets.filter((target) => !others.has(containerIn(target) || "none")).length;
}
