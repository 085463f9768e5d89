import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "./files.ts";
import { type Cluster, clustersDirectory } from "./layout.ts";
import { withLock } from "./lock.ts";
import { runTool } from "./run-tool.ts";

/** The addresses that all clusters use inside; each node has a network of its own. */
export const PODS = "10.244.0.0/16";
/** The addresses of services. */
export const SERVICES = "10.96.0.0/16";
/** The address of the API inside every cluster. */
export const API_SERVICE = "10.96.0.1";
/** Where the service of the cluster's DNS belongs. */
export const DNS_SERVICE = "10.96.0.10";
/** The kernel's queue of packets that wait for the verdict of kube-network-policies. */
export const POLICIES_QUEUE = "100";

/** The two ends of the link between this machine and a node. */
export interface Addresses {
  host: string;
  node: string;
}

/** Returns the addresses of a cluster; a new cluster gets a pair that nothing on this machine uses. */
export async function ensureAddresses(cluster: Cluster): Promise<Addresses> {
  const known = addressesOf(cluster);
  if (known) return known;
  return await withLock(
    "addresses",
    () => undefined,
    async () => {
      const taken = new Set([...(await numbersInUse()), ...numbersOfClusters()]);
      const free = Array.from({ length: 256 }, (_, number) => number).find((number) => !taken.has(number));
      if (free === undefined) throw new Error("Cannot choose a network: all of 10.199.0.0/16 is in use");
      mkdirSync(cluster.directory, { recursive: true, mode: 0o700 });
      writeAtomically(join(cluster.directory, "network"), `${free}\n`);
      return addresses(free);
    },
  );
}

/** The addresses that a cluster has, if it has any yet. */
export function addressesOf(cluster: Cluster): Addresses | undefined {
  const file = join(cluster.directory, "network");
  return existsSync(file) ? addresses(Number(readFileSync(file, "utf8"))) : undefined;
}

/** Joins the network of the process `pid`, a node's, to this machine's. */
export async function ensureNetwork(cluster: Cluster, { host, node }: Addresses, pid: number): Promise<void> {
  const inside = ["nsenter", "--target", `${pid}`, "--net"];
  const links = await runTool([...inside, "ip", "-oneline", "link"]);
  if (!links.includes(" eth0@")) {
    await removeLink(cluster.link);
    await runTool(["ip", "link", "add", cluster.link, "type", "veth", "peer", "name", "eth0", "netns", `${pid}`]);
  }
  await runTool(["ip", "-batch", "-"], {
    input: `address replace ${host}/30 dev ${cluster.link}\nlink set ${cluster.link} up\n`,
  });
  await runTool([...inside, "nft", "-f", "-"], { input: masquerade() });
  await runTool([...inside, "iptables-restore"], { input: askForPolicies() }).catch((error: Error) => {
    const needed = "modprobe nfnetlink_queue xt_NFQUEUE xt_conntrack";
    throw new Error(`Cannot enforce NetworkPolicies on the node: ${error.message}; the kernel may need: ${needed}`);
  });
  await runTool([...inside, "ip", "-batch", "-"], {
    input: [
      "link set lo up",
      "link set eth0 up",
      `address replace ${node}/30 dev eth0`,
      // Services need a route for the node's own connections, or these fail before kube-proxy's
      // rules see them. There is no default route: what would leave the machine fails at once.
      `route replace ${SERVICES} via ${host} dev eth0`,
      "",
    ].join("\n"),
  });
}

/** Removes a link of this machine, and with it its other end. One that is not there is fine. */
export async function removeLink(link: string): Promise<void> {
  if (!hasLink(link)) return;
  try {
    await runTool(["ip", "link", "delete", link]);
  } catch (error) {
    if (hasLink(link)) throw error; // else the kernel was faster, having ended the node's namespace
  }
}

/** Whether this machine has a network interface of this name. */
export function hasLink(link: string): boolean {
  return existsSync(`/sys/class/net/${link}`);
}

/** The number N of each address 10.199.N.x in the output of `ip -oneline -4 address` and `ip route`. */
export function networkNumbers(text: string): number[] {
  return [...text.matchAll(/\b10\.199\.(\d+)\.\d+/g)].map((match) => Number(match[1]));
}

function addresses(number: number): Addresses {
  return { host: `10.199.${number}.1`, node: `10.199.${number}.2` };
}

async function numbersInUse(): Promise<number[]> {
  const [links, routes] = await Promise.all([runTool(["ip", "-oneline", "-4", "address"]), runTool(["ip", "route"])]);
  return networkNumbers(links + routes);
}

function numbersOfClusters(): number[] {
  if (!existsSync(clustersDirectory())) return [];
  const files = readdirSync(clustersDirectory()).map((name) => join(clustersDirectory(), name, "network"));
  return files.filter((file) => existsSync(file)).map((file) => Number(readFileSync(file, "utf8")));
}

// The first packet of each connection of a pod waits for the verdict of kube-network-policies; while that does not run every
// packet passes. The node's own DNS stays open: elsewhere it is a pod that policies name.
function askForPolicies(): string {
  const ask = `-m conntrack --ctstate NEW -j NFQUEUE --queue-num ${POLICIES_QUEUE} --queue-bypass`;
  return [
    "*mangle",
    `-A FORWARD -s ${PODS} ${ask}`,
    `-A FORWARD ! -s ${PODS} -d ${PODS} ${ask}`,
    ...["udp", "tcp"].map((protocol) => `-A INPUT -s ${PODS} -p ${protocol} --dport 53 -j ACCEPT`),
    `-A INPUT -s ${PODS} ${ask}`,
    "COMMIT",
    "",
  ].join("\n");
}

// Pods' addresses mean nothing outside the node: connections to this machine take the node's.
function masquerade(): string {
  return [
    "table ip gc-k8s",
    "delete table ip gc-k8s",
    "table ip gc-k8s {",
    "  chain outgoing {",
    "    type nat hook postrouting priority srcnat",
    `    ip saddr ${PODS} oifname "eth0" masquerade`,
    "  }",
    "}",
    "",
  ].join("\n");
}
