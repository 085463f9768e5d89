import { totalmem } from "node:os";
import { ensureAddOns } from "./add-ons.ts";
import { apiOf, readObject } from "./api.ts";
import { finishRemoval } from "./cluster-directory.ts";
import { ensureDnsBinary } from "./dns-binary.ts";
import { agentImage, beadsImage, ensureImageArchive, type Image, pauseImage } from "./images.ts";
import { type Cluster, clusterNamed } from "./layout.ts";
import { ensureImage } from "./load.ts";
import { withLock } from "./lock.ts";
import { checkMachine } from "./machine.ts";
import { ensureAddresses, ensureNetwork } from "./network.ts";
import { ensureNodeBinary } from "./node-binary.ts";
import { ensureNodeFiles } from "./node-files.ts";
import { findInit, refuseForeign, startedHash, startNode, stopNode, wakeNode } from "./node-process.ts";
import { ensurePackages } from "./packages.ts";
import { type Report, say, step } from "./progress.ts";
import { clusterStatus } from "./status.ts";
import { until } from "./until.ts";

/** What the steps hand on to those after them. */
interface Making {
  cluster: Cluster;
  /** The images that the cluster is to have. */
  images: Image[];
  /** The executables of Kubernetes and of the cluster's DNS. */
  binary: string;
  dns: string;
  /** The archives of the images, each by its image's name. */
  archives: Map<string, string>;
  /** The node's address. */
  address: string;
  /** PID of the node's init on this machine. */
  init: number;
}

type Ensure = (making: Making, report: Report) => Promise<void>;

/** The way to a running cluster. Each step makes sure of one thing and does nothing where it is so. */
const STEPS: [title: string, ensure: Ensure][] = [
  ["Checking this machine", async ({ images }) => checkMachine(images)],
  ["Installing missing packages", async ({ images }, report) => await ensurePackages(report, needsC(images))],
  ["Building Kubernetes and the images (once)", ensureBuilds],
  ["Starting the node", ensureNode],
  ["Loading the images", ensureImages],
  ["Waiting for the API", async ({ cluster, address }) => await ensureAddOns(requireApi(cluster), address)],
  ["Waiting for the node", waitUntilUsable],
];

/** Makes sure that a cluster runs, whatever state it was in; with the bead store's image if that is asked for. */
export async function up(name: string, withBeads: boolean): Promise<void> {
  const cluster = clusterNamed(name);
  const wait = () => say(`Waiting for another "up" or "down" of cluster "${name}"`);
  await withLock(`cluster-${name}`, wait, async () => {
    const images = [pauseImage(), agentImage(), ...(withBeads ? [beadsImage()] : [])];
    const making: Making = { cluster, images, binary: "", dns: "", archives: new Map(), address: "", init: 0 };
    for (const [title, ensure] of STEPS) await step(title, (report) => ensure(making, report));
  });
}

/** Less memory does not bear the linkers of Kubernetes and of Dolt at once. */
const TWO_BUILDS_BYTES = 7e9;

/** Kubernetes beside the images: either alone leaves processors idle. When one fails the other still ends. */
async function ensureBuilds(making: Making, report: Report): Promise<void> {
  const lanes: Ensure[][] = [[ensureBinary, ensureDns], [ensureArchives]];
  const details = lanes.map(() => "");
  const run = async (lane: Ensure[], index: number) => {
    const tell = (detail: string) => {
      details[index] = detail;
      report(details.filter((each) => each !== "").join("; "));
    };
    for (const ensure of lane) await ensure(making, tell);
    tell("");
  };
  const atOnce = needsC(making.images) && totalmem() < TWO_BUILDS_BYTES ? [lanes.flat()] : lanes;
  const ends = await Promise.allSettled(atOnce.map(run));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

async function ensureBinary(making: Making, report: Report): Promise<void> {
  making.binary = await ensureNodeBinary((detail) => report(`Kubernetes: ${detail}`));
}

async function ensureDns(making: Making, report: Report): Promise<void> {
  making.dns = await ensureDnsBinary((detail) => report(`CoreDNS: ${detail}`));
}

async function ensureArchives({ images, archives }: Making, report: Report): Promise<void> {
  for (const image of images) archives.set(image.name, await ensureImageArchive(image, report));
}

async function ensureNode(making: Making): Promise<void> {
  const { cluster, binary, dns } = making;
  refuseForeign(cluster);
  finishRemoval(cluster);
  const addresses = await ensureAddresses(cluster);
  making.address = addresses.node;
  const inputs = { cluster, binary, dns, address: addresses.node, pauseImage: pauseImage().name };
  const hash = await ensureNodeFiles(inputs);
  const running = startedHash(cluster) === hash ? findInit(cluster) : undefined;
  // A node that is half there, or that older files started, goes first; its data stay.
  if (running) wakeNode(cluster);
  else await stopNode(cluster);
  making.init = running ?? (await startNode(cluster, hash));
  await ensureNetwork(cluster, addresses, making.init);
}

async function ensureImages({ cluster, archives }: Making): Promise<void> {
  for (const [name, archive] of archives) await ensureImage(cluster, name, archive);
}

async function waitUntilUsable({ cluster }: Making, report: Report): Promise<void> {
  const api = requireApi(cluster);
  let missing = "";
  const describe = () =>
    `${missing} of cluster "${cluster.name}" (see ${cluster.logs}; "down" and "up" make a new one)`;
  await until(describe, 120_000, async () => {
    const status = await clusterStatus(cluster.name);
    const unhealthy = Object.entries(status.components).filter(([, { healthy }]) => !healthy);
    missing = unhealthy.map(([name]) => name).join(", ") || "the node";
    report(missing);
    if (status.state !== "running") return undefined;
    missing = "the default service account"; // without it no pod is accepted
    return await readObject(api, "/api/v1/namespaces/default/serviceaccounts/default");
  });
}

function needsC(images: Image[]): boolean {
  return images.some(({ kind }) => kind === "beads");
}

function requireApi(cluster: Cluster) {
  const api = apiOf(cluster);
  if (!api) throw new Error(`Cannot reach cluster "${cluster.name}": its keys or its address are missing`);
  return api;
}
