import { join } from "node:path";

/** The cluster that a suite runs on. */
export interface TestCluster {
  kubeconfig: string;
  /** Full name of the agent image that its node holds. */
  agentImage: string;
  /** Full name of the image that holds bd and dolt; there after `clusterUp(…, "beads")`. */
  beadsImage: string;
  /** Path of kubectl. */
  kubectl: string;
}

const script = join(import.meta.dir, "../../local-kubernetes/cluster.ts");

/** Brings up a local cluster (in seconds when it is built), with the bead store's image if asked, and tells how to reach it. */
export async function clusterUp(name = "default", extra?: "beads"): Promise<TestCluster> {
  await run("up", "--name", name, ...(extra ? ["--with", extra] : []));
  return clusterStatus(name);
}

/** How to reach a local cluster that is up; `GC_TEST_KUBECONFIG`, `GC_TEST_IMAGE`, `GC_TEST_BEADS_IMAGE` and `KUBECTL` name another cluster. */
export async function clusterStatus(name = "default"): Promise<TestCluster> {
  const { GC_TEST_KUBECONFIG: kubeconfig, GC_TEST_IMAGE: agentImage, KUBECTL: kubectl = "kubectl" } = process.env;
  const beadsImage = process.env["GC_TEST_BEADS_IMAGE"] ?? "";
  if (kubeconfig && agentImage) return { kubeconfig, agentImage, beadsImage, kubectl };
  const status = JSON.parse(await run("status", "-o", "json", "--name", name)) as {
    kubeconfig: string;
    images: { agent: string; beads: string };
    kubectl: string;
  };
  const { agent, beads } = status.images;
  return { kubeconfig: status.kubeconfig, agentImage: agent, beadsImage: beads, kubectl: status.kubectl };
}

/** Runs a program of this machine in the network of a local cluster's node; resolves with what it prints. */
export async function nodeCommand(
  command: string[],
  name = process.env["GC_TEST_CLUSTER"] ?? "default",
): Promise<string> {
  const { init } = JSON.parse(await run("status", "-o", "json", "--name", name)) as { init: number };
  const child = Bun.spawn(["nsenter", `--target=${init}`, "--net", ...command], { stdin: "ignore", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) throw new Error(`Cannot run "${command.join(" ")}" on the node: ${stderr.trim()}`);
  return stdout;
}

/** Takes a local cluster down. */
export async function clusterDown(name: string): Promise<void> {
  await run("down", "--name", name);
}

async function run(...args: string[]): Promise<string> {
  const child = Bun.spawn([process.execPath, script, ...args], { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  const stdout = await new Response(child.stdout).text();
  if ((await child.exited) !== 0)
    throw new Error(`Cannot run "npm run cluster -- ${args.join(" ")}": it failed (see above)`);
  return stdout;
}
