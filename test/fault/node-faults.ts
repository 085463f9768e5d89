import { clusterNamed } from "../../local-kubernetes/layout.ts";
import { type ClusterStatus, clusterStatus } from "../../local-kubernetes/status.ts";

/** A part of the node that can fail. */
export const COMPONENTS = ["kube-apiserver", "etcd", "kubelet", "containerd"] as const;

/** One failure of a part of the node. */
export interface NodeFault {
  component: (typeof COMPONENTS)[number];
  /** SIGKILL: init starts it again. SIGSTOP: it goes on after `ms`. */
  signal: "SIGKILL" | "SIGSTOP";
  ms: number;
}

/** Lets it fail, meanwhile does something, and resolves when everything is healthy, with how long that took. */
export async function withNodeFault<T>(
  name: string,
  { component, signal, ms }: NodeFault,
  act: () => Promise<T>,
): Promise<{ outageMs: number; result: T }> {
  const before = await clusterStatus(name);
  const { pid = 0 } = before.components[component] ?? {};
  if (pid === 0) throw new Error(`Cannot break ${component} of cluster "${name}": it does not run`);
  process.kill(pid, signal);
  const began = performance.now();
  const acting = act();
  // It is awaited below, after the fault has been taken back.
  acting.catch(() => undefined);
  if (signal === "SIGSTOP") {
    try {
      await Bun.sleep(ms);
    } finally {
      process.kill(pid, "SIGCONT");
    }
  }
  const outageMs = await untilHealthy(name, component, signal === "SIGKILL" ? pid : 0, began);
  return { outageMs, result: await acting };
}

async function untilHealthy(name: string, component: string, oldPid: number, began: number): Promise<number> {
  let status: ClusterStatus | undefined;
  while (performance.now() - began < 120_000) {
    status = await clusterStatus(name);
    const { pid = 0, healthy = false } = status.components[component] ?? {};
    if (status.state === "running" && healthy && pid !== oldPid) return performance.now() - began;
    await Bun.sleep(100);
  }
  throw new Error(`Cannot go on: cluster "${name}" does not recover: ${JSON.stringify(status?.components)}`);
}

/** Whether there is a trace of a cluster of the name. */
export async function isThere(name: string): Promise<boolean> {
  return (await clusterStatus(clusterNamed(name).name)).state !== "absent";
}
