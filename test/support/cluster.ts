import { join } from "node:path";

/** The cluster that a suite runs on. */
export interface TestCluster {
  kubeconfig: string;
  /** Full name of the agent image that its node holds. */
  agentImage: string;
  /** Path of kubectl. */
  kubectl: string;
}

const script = join(import.meta.dir, "../../local-kubernetes/cluster.ts");

/** Brings up a local cluster (in seconds when it is built) and tells how to reach it. */
export async function clusterUp(name = "default"): Promise<TestCluster> {
  await run("up", "--name", name);
  return clusterStatus(name);
}

/** How to reach a local cluster that is up; `GC_TEST_KUBECONFIG`, `GC_TEST_IMAGE` and `KUBECTL` name another cluster. */
export async function clusterStatus(name = "default"): Promise<TestCluster> {
  const { GC_TEST_KUBECONFIG: kubeconfig, GC_TEST_IMAGE: agentImage, KUBECTL: kubectl } = process.env;
  if (kubeconfig && agentImage) return { kubeconfig, agentImage, kubectl: kubectl ?? "kubectl" };
  const status = JSON.parse(await run("status", "-o", "json", "--name", name)) as {
    kubeconfig: string;
    images: { agent: string };
    kubectl: string;
  };
  return { kubeconfig: status.kubeconfig, agentImage: status.images.agent, kubectl: status.kubectl };
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
