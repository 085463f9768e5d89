import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testNamespace } from "../../conformance/namespace.ts";
import { until } from "../../conformance/until.ts";
import { clusterStatus } from "../cluster.ts";
import { type GcProcess, gcProcess } from "./gc-process.ts";
import { type PodHistory, watchPods } from "./pod-history.ts";

/** A namespace whose pods are watched from its beginning, and a gc that works in it. */
export interface WatchedNamespace {
  create(): Promise<void>;
  remove(): void;
  history(): PodHistory;
  /** The operator's variables: KUBECONFIG and GC_K8S_*. */
  env(): Record<string, string>;
  /** kubectl in it; throws when that fails. */
  kubectl(...args: string[]): string;
  /** A supervisor; `env` replaces variables of its environment. */
  gc(env?: Record<string, string>): GcProcess;
  /** Stops the sessions and waits until none of their pods is there. */
  stopAll(sessions: string[]): Promise<void>;
}

/** Makes the description; nothing is created before `create`. */
export function watchedNamespace(): WatchedNamespace {
  const namespace = testNamespace();
  const home = mkdtempSync(join(tmpdir(), "gc-home-"));
  const executable = process.env["GC_TEST_EXECUTABLE"] ?? `${import.meta.dir}/../../../dist/gc-session-k8s`;
  let watching: PodHistory | undefined;
  function history(): PodHistory {
    if (!watching) throw new Error("the namespace has not been created");
    return watching;
  }
  const gc = (env = {}) => gcProcess("supervisor", { executable, home, env: { ...namespace.env(), ...env } });
  return {
    gc,
    history,
    env: namespace.env,
    kubectl: namespace.kubectl,
    async create() {
      await namespace.create();
      const { kubectl, kubeconfig } = await clusterStatus(process.env["GC_TEST_CLUSTER"]);
      const { GC_K8S_NAMESPACE: name = "" } = namespace.env();
      watching = watchPods([kubectl, "--kubeconfig", kubeconfig, "-n", name]);
    },
    remove() {
      watching?.end();
      namespace.remove();
      rmSync(home, { recursive: true });
    },
    async stopAll(sessions) {
      const queue = [...sessions];
      const stopSome = async () => {
        for (let name = queue.shift(); name !== undefined; name = queue.shift()) await gc().call("stop", [name]);
      };
      await Promise.all([stopSome(), stopSome(), stopSome(), stopSome(), stopSome(), stopSome()]);
      const left = () =>
        history()
          .all()
          .filter(({ session, goneAtMs }) => sessions.includes(session) && !goneAtMs);
      await until(() => left().length === 0, 5_000);
    },
  };
}
