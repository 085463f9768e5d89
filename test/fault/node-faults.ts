import { clusterNamed } from "../../local-kubernetes/layout.ts";
import { type ClusterStatus, clusterStatus } from "../../local-kubernetes/status.ts";

/** The parts of the node that can fail. */
const COMPONENTS = ["kube-apiserver", "etcd", "kubelet", "containerd"] as const;
/** SIGKILL: init starts it again. SIGSTOP: it goes on after a while. */
const SIGNALS = ["SIGKILL", "SIGSTOP"] as const;

/** A part of the node, and how it fails. */
export interface NodeFault {
  component: (typeof COMPONENTS)[number];
  signal: (typeof SIGNALS)[number];
}

/** Each part with each signal. */
export const NODE_FAULTS: NodeFault[] = COMPONENTS.flatMap((component) =>
  SIGNALS.map((signal) => ({ component, signal })),
);

/** Name of a fault. */
export function faultName({ component, signal }: NodeFault): string {
  return `${signal} ${component}`;
}

/** Lets it fail (stopped, for so long), meanwhile does something, and resolves when everything is healthy, with how
 * long that took. */
export async function withNodeFault<T>(
  name: string,
  { component, signal }: NodeFault,
  stoppedMs: number,
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
      await Bun.sleep(stoppedMs);
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
