import { clusterStatus, type TestCluster } from "../support/cluster.ts";

/** A namespace of its own for one test file, on the cluster that is up. */
export interface TestNamespace {
  create(): Promise<void>;
  remove(): Promise<void>;
  /** Environment under which the executable uses it. */
  env(): Record<string, string>;
  kubectl(...args: string[]): string;
}

/** Under which conditions every test runs; a suite that repeats the tests sets them. */
const {
  /** Labels of every namespace, `name=value`, separated by commas. */
  GC_TEST_NAMESPACE_LABELS: moreLabels = "",
  /** Kubeconfig of the executable, where its rights are not the tests'. */
  GC_TEST_CALLER_KUBECONFIG: callerKubeconfig,
  /** Name of that caller's service account, of its namespace and of the ClusterRole that it gets in every namespace. */
  GC_TEST_CALLER: caller,
} = process.env;

/** Makes the description of a namespace; nothing is created before `create`. */
export function testNamespace(labels: string[] = []): TestNamespace {
  const name = `test-${process.pid}-${crypto.randomUUID().slice(0, 8)}`;
  let cluster: TestCluster | undefined;
  function kubectl(...args: string[]): string {
    if (!cluster) throw new Error("the namespace has not been created");
    const command = [cluster.kubectl, "--kubeconfig", cluster.kubeconfig, "-n", name, ...args];
    const child = Bun.spawnSync(command, { stdin: "ignore" });
    if (child.exitCode !== 0) throw new Error(`kubectl ${args.join(" ")}: ${child.stderr}`);
    return child.stdout.toString();
  }
  return {
    kubectl,
    env: () => ({
      KUBECONFIG: callerKubeconfig ?? cluster?.kubeconfig ?? "",
      GC_K8S_NAMESPACE: name,
      GC_K8S_IMAGE: cluster?.agentImage ?? "",
      GC_K8S_CITY: "test",
      GC_K8S_CPU_REQUEST: "10m",
      GC_K8S_MEM_REQUEST: "16Mi",
    }),
    async create() {
      cluster = await clusterStatus(process.env["GC_TEST_CLUSTER"]);
      kubectl("create", "namespace", name);
      // Of two labels of one name the last holds: what a test is about goes before what all run under.
      const allLabels = [...moreLabels.split(",").filter((label) => label !== ""), ...labels];
      if (allLabels.length > 0) kubectl("label", "namespace", name, ...allLabels);
      if (caller)
        kubectl("create", "rolebinding", caller, `--clusterrole=${caller}`, `--serviceaccount=${caller}:${caller}`);
      // Pods are refused until the namespace's service account has been made.
      while (!kubectl("get", "serviceaccounts", "-o", "name").includes("default")) await Bun.sleep(50);
    },
    async remove() {
      kubectl("delete", "namespace", name, "--wait=false");
    },
  };
}
