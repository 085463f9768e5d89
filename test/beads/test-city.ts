import { executable, type Provider } from "../conformance/provider.ts";
import { clusterStatus, type TestCluster } from "../support/cluster.ts";
import { doltUp, type TestDolt } from "../support/dolt.ts";

/** A namespace with a Dolt server of its own, and cities in it. */
export interface TestPlace {
  cluster: TestCluster;
  namespace: string;
  dolt: TestDolt;
  kubectl(...args: string[]): string;
  /** Environment that gc sends with a data operation of the store. */
  env(store: StoreName): Record<string, string>;
  /** The executable under test; `GC_TEST_BEADS_EXECUTABLE` points the same cases at any other one. */
  provider(store: StoreName): Provider;
  /** Initialises a store as gc does, and returns the provider for it. */
  init(store: StoreName): Promise<Provider>;
  remove(): void;
}

/** Which store of which city is meant. */
export interface StoreName {
  city: string;
  prefix: string;
  database?: string;
  /** Directory on gc's machine; it need not be there. */
  root?: string;
}

/** Makes the namespace and brings Dolt up in it. */
export async function testPlace(): Promise<TestPlace> {
  const cluster = await clusterStatus(process.env["GC_TEST_CLUSTER"]);
  const namespace = `beads-${process.pid}-${crypto.randomUUID().slice(0, 8)}`;
  const run = (...args: string[]) => {
    const child = Bun.spawnSync([cluster.kubectl, "--kubeconfig", cluster.kubeconfig, ...args], { stdin: "ignore" });
    if (child.exitCode !== 0) throw new Error(`kubectl ${args.join(" ")}: ${child.stderr}`);
    return child.stdout.toString();
  };
  run("create", "namespace", namespace);
  run("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted");
  const dolt = doltUp(cluster, namespace);
  const place: TestPlace = {
    cluster,
    namespace,
    dolt,
    kubectl: (...args) => run("--namespace", namespace, ...args),
    env: (store) => environment(place, store),
    provider: (store) => executable(environment(place, store), beadsExecutable()),
    async init(store) {
      const provider = place.provider(store);
      const args = [rootOf(store), store.prefix, ...(store.database ? [store.database] : [])];
      const outcome = await provider({ op: "init", args });
      if (outcome.exit !== 0) throw new Error(`Cannot initialise "${store.prefix}": ${outcome.stderr}`);
      return provider;
    },
    remove: () => void run("delete", "namespace", namespace, "--wait=false"),
  };
  return place;
}

/** Path of the executable under test. */
export function beadsExecutable(): string {
  return process.env["GC_TEST_BEADS_EXECUTABLE"] ?? `${import.meta.dir}/../../dist/gc-beads-k8s`;
}

function environment({ cluster, namespace, dolt }: TestPlace, store: StoreName): Record<string, string> {
  const root = rootOf(store);
  return {
    KUBECONFIG: cluster.kubeconfig,
    GC_K8S_NAMESPACE: namespace,
    GC_K8S_BEADS_IMAGE: cluster.beadsImage,
    GC_K8S_CITY: store.city,
    GC_K8S_DOLT_HOST: dolt.host,
    GC_K8S_DOLT_PORT: String(dolt.port),
    GC_K8S_BEADS_CPU_REQUEST: "10m",
    GC_K8S_BEADS_MEM_REQUEST: "32Mi",
    GC_CITY: root,
    GC_CITY_PATH: root,
    GC_STORE_ROOT: root,
    GC_STORE_SCOPE: "city",
    GC_BEADS_PREFIX: store.prefix,
    GC_DOLT_HOST: "",
    GC_DOLT_PORT: "",
    BEADS_DIR: "",
  };
}

function rootOf({ root = "/city" }: StoreName): string {
  return root;
}

/** Puts a script in the place of bd, for the operations of this store, until the script takes itself away. */
export function replaceBd({ kubectl }: TestPlace, { city, prefix }: StoreName, script: string): void {
  const install = `mkdir -p /tmp/bin && printf '%s' "$1" >/tmp/bin/bd && chmod +x /tmp/bin/bd
grep -q /tmp/bin: "$2" || printf 'PATH=/tmp/bin:$PATH\\n' >>"$2"`;
  const env = `/run/gc-beads/scopes/${prefix}/env`;
  kubectl("exec", `gc-beads-runner-${city}-0`, "--", "sh", "-c", install, "sh", script, env);
}
