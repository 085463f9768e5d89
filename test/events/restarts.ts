import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { clusterDown, clusterUp, nodeCommand } from "../support/cluster.ts";

const SCRIPT = join(import.meta.dir, "../../local-kubernetes/cluster.ts");

interface Status {
  logs: string;
  kubeconfig: string;
  kubectl: string;
  server: string;
  components: Record<string, { pid: number; healthy: boolean }>;
}

/** A cluster of the test's own, whose API server may be broken. */
export interface OwnCluster {
  env: Record<string, string>;
  kubectl(...args: string[]): string;
  /** Kills the API server and resolves when the next one is ready. */
  restartApiServer(): Promise<void>;
  /** Kills the API server, acts while there is none, and resolves when the next one is ready. */
  withoutApiServer(act: () => Promise<void>): Promise<void>;
  /** Removes all but the present version of each object from etcd. */
  compact(): Promise<void>;
  down(): Promise<void>;
}

/** Brings up a cluster of this name with an empty namespace; the one that the other suites use stays as it is. */
export async function ownCluster(name: string): Promise<OwnCluster> {
  await clusterUp(name);
  const namespace = `events-${process.pid}-${crypto.randomUUID().slice(0, 8)}`;
  const { kubeconfig, kubectl: path } = statusOf(name);
  const kubectl = (...args: string[]) => run([path, "--kubeconfig", kubeconfig, "-n", namespace, ...args]);
  kubectl("create", "namespace", namespace);

  async function withoutApiServer(act: () => Promise<void>): Promise<void> {
    const { logs, components } = statusOf(name);
    const { pid = 0 } = components["kube-apiserver"] ?? {};
    const hold = join(logs, "kube-apiserver.hold");
    writeFileSync(hold, "");
    process.kill(pid, "SIGKILL");
    await act();
    rmSync(hold);
    const end = performance.now() + 60_000;
    while (!isReady(name, pid)) {
      if (performance.now() > end) throw new Error(`Cannot go on: the API server of "${name}" does not come back`);
      await Bun.sleep(100);
    }
  }
  return {
    env: { KUBECONFIG: kubeconfig, GC_K8S_NAMESPACE: namespace },
    kubectl,
    withoutApiServer,
    restartApiServer: () => withoutApiServer(async () => undefined),
    compact: () => compact(name),
    down: () => clusterDown(name),
  };
}

function statusOf(name: string): Status {
  return JSON.parse(run([process.execPath, SCRIPT, "status", "-o", "json", "--name", name])) as Status;
}

function isReady(name: string, oldPid: number): boolean {
  const { pid, healthy } = statusOf(name).components["kube-apiserver"] ?? { pid: 0, healthy: false };
  return healthy && pid > 0 && pid !== oldPid && existsSync(`/proc/${pid}`);
}

/** etcd speaks JSON beside gRPC; it listens on the node's own loopback. */
async function compact(name: string): Promise<void> {
  const etcd = (path: string, body: object) => {
    const url = `http://127.0.0.1:2379/v3/${path}`;
    return nodeCommand(["curl", "-sS", "--fail", "-X", "POST", "-d", JSON.stringify(body), url], name);
  };
  const { header } = JSON.parse(await etcd("kv/range", { key: btoa("\0") })) as { header: { revision: string } };
  await etcd("kv/compaction", { revision: header.revision, physical: true });
}

function run(command: string[]): string {
  const child = Bun.spawnSync(command, { stdin: "ignore" });
  if (child.exitCode !== 0) throw new Error(`${command.join(" ")}: ${child.stderr}`);
  return child.stdout.toString();
}
