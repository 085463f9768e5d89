import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { apiOf, readObject } from "./api.ts";
import { type Process, processesIn } from "./cgroups.ts";
import { type Component, components } from "./components.ts";
import { fetchDirectly } from "./fetch-directly.ts";
import { agentImage, beadsImage, pauseImage } from "./images.ts";
import { type Cluster, clusterNamed } from "./layout.ts";
import { addressesOf } from "./network.ts";
import { initAmong } from "./node-process.ts";

/** What `status -o json` prints. */
export interface ClusterStatus {
  name: string;
  /** `running` when every component is healthy and the node is Ready, `absent` when there is no trace of a cluster. */
  state: "running" | "degraded" | "stopped" | "absent";
  kubeconfig: string;
  context: string;
  server: string;
  node: string;
  logs: string;
  /** The command kubectl of the cluster's own version. */
  kubectl: string;
  /** PID of the node's init on this machine, 0 when it does not run. */
  init: number;
  nodeReady: boolean;
  /** The images' names now; `beads` is there after `up --with beads`. */
  images: { agent: string; pause: string; beads: string };
  components: Record<string, ComponentStatus>;
}

/** One component: its PID on this machine (0 when it does not run) and whether it answers as healthy. */
export interface ComponentStatus {
  pid: number;
  healthy: boolean;
}

/** Looks at a cluster; changes nothing. */
export async function clusterStatus(name: string): Promise<ClusterStatus> {
  const cluster = clusterNamed(name);
  const exists = existsSync(cluster.directory);
  const address = addressesOf(cluster)?.node ?? "";
  // Without a directory of ours, what runs under this name is not ours.
  const processes = exists ? processesIn(cluster.cgroup) : [];
  const init = initAmong(processes) ?? 0;
  const [nodeReady, ...healths] = await Promise.all([
    init > 0 && isNodeReady(cluster),
    ...components(cluster, address, "").map((component) => componentStatus(cluster, component, processes)),
  ]);
  const healthy = nodeReady && healths.every(([, health]) => health.healthy);
  const stopped = exists ? "stopped" : "absent";
  return {
    name,
    state: init === 0 ? stopped : healthy ? "running" : "degraded",
    kubeconfig: cluster.kubeconfig,
    context: cluster.context,
    server: apiOf(cluster)?.url ?? "",
    node: cluster.node,
    logs: cluster.logs,
    kubectl: join(cluster.directory, "bin", "kubectl"),
    init,
    nodeReady,
    images: { agent: agentImage().name, pause: pauseImage().name, beads: beadsImage().name },
    components: Object.fromEntries(healths),
  };
}

/** The status for people, one line for each component. */
export function statusLines(status: ClusterStatus): string {
  const rows = Object.entries(status.components).map(
    ([name, { pid, healthy }]) => `  ${name.padEnd(24)} ${healthy ? "healthy" : pid ? "not healthy" : "down"}`,
  );
  const heading = `Cluster "${status.name}" is ${status.state}`;
  if (status.init === 0) return `${heading}\n`;
  const facts = { server: status.server, kubeconfig: status.kubeconfig, "agent image": status.images.agent };
  const lines = Object.entries(facts).map(([name, value]) => `  ${name.padEnd(24)} ${value}`);
  return [heading, ...lines, `  ${"node Ready".padEnd(24)} ${status.nodeReady ? "yes" : "no"}`, ...rows, ""].join("\n");
}

async function isNodeReady(cluster: Cluster): Promise<boolean> {
  const api = apiOf(cluster);
  const node = api && (await readObject(api, `/api/v1/nodes/${cluster.node}`));
  return node?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}

async function componentStatus(
  cluster: Cluster,
  component: Component,
  processes: Process[],
): Promise<[string, ComponentStatus]> {
  const running = componentProcess(cluster, component.name, processes);
  const healthy = running !== undefined && running.state !== "T" && (await answers(cluster, component.health));
  return [component.name, { pid: running?.pid ?? 0, healthy }];
}

// init notes the PID inside its namespace; a process that ended left the note behind.
function componentProcess(cluster: Cluster, name: string, processes: Process[]): Process | undefined {
  const file = join(cluster.logs, `${name}.pid`);
  if (!existsSync(file)) return undefined;
  const inner = Number(readFileSync(file, "utf8"));
  return processes.find(({ numbers }) => numbers.length === 2 && numbers[1] === inner);
}

async function answers(cluster: Cluster, url: string | undefined): Promise<boolean> {
  if (!url) return true;
  // The controller manager and the scheduler make themselves a certificate at each start.
  const own = /:(10257|10259)\//.test(url) ? { rejectUnauthorized: false } : apiOf(cluster)?.tls;
  const response = await fetchDirectly(url, { signal: AbortSignal.timeout(2000), ...(own && { tls: own }) });
  return response?.ok ?? false;
}
