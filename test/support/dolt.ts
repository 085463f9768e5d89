import type { TestCluster } from "./cluster.ts";
import { manifestsOf } from "./manifests.ts";

/** A Dolt server in a namespace of a test. */
export interface TestDolt {
  /** Where the pods of the cluster reach it. */
  host: string;
  port: number;
  user: string;
  /** The Secret that holds the password. */
  secret: { name: string; key: string };
  /** The password, which a test may look for where it must not be. */
  password: string;
  /** Applies another file of `deploy/` beside it. */
  apply(file: string): void;
  /** Runs SQL as root in the server's pod and returns the rows of the last statement that has any. */
  sql(statements: string): Record<string, unknown>[];
  /** Ends the server at once, as a crash of it would; Kubernetes starts another. */
  kill(): Promise<void>;
  /** Returns when the server, another one after a kill, answers a question. */
  waitUntilReady(): Promise<void>;
}

const SQL = ["dolt", "--host=127.0.0.1", "--port=3307", "--no-tls", "sql", "--result-format=json"];
const CLIENT = ["exec", "-i", "dolt-0", "--", ...SQL];
const READY_TIMEOUT_MS = 120_000;

/** Brings up Dolt from `deploy/dolt.yaml` in a namespace that exists, which takes it along when it is deleted. */
export function doltUp(cluster: TestCluster, namespace: string): TestDolt {
  const program = [cluster.kubectl, "--kubeconfig", cluster.kubeconfig, "--namespace", namespace];
  const kubectl = (args: string[], input = "") => {
    const child = Bun.spawnSync([...program, ...args], { stdin: new TextEncoder().encode(input) });
    if (child.exitCode !== 0) throw new Error(`kubectl ${args.join(" ")}: ${child.stderr}`);
    return child.stdout.toString();
  };
  const attempt = async (args: string[], input = "") => {
    const child = Bun.spawn([...program, ...args], { stdin: new Blob([input]), stdout: "pipe", stderr: "pipe" });
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    return { succeeded: child.exitCode === 0, stdout, stderr };
  };
  const apply = (file: string) => {
    const items = manifestsOf(file, cluster.beadsImage);
    kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  };

  const password = crypto.randomUUID();
  kubectl(["create", "secret", "generic", "dolt", "--from-file=password=/dev/stdin"], password);
  apply("dolt.yaml");
  kubectl(["rollout", "status", "statefulset/dolt", `--timeout=${READY_TIMEOUT_MS}ms`]);
  return {
    host: `dolt.${namespace}.svc.cluster.local`,
    port: 3307,
    user: "root",
    secret: { name: "dolt", key: "password" },
    password,
    apply,
    sql: (statements) => lastRows(kubectl(CLIENT, statements)),
    async kill() {
      await attempt(["exec", "dolt-0", "--", "sh", "-c", "kill -QUIT 1; sleep 10"]); // ends with the container
      // In a new pod the server starts without back-off, however often it is killed.
      const { succeeded, stderr } = await attempt(["delete", "pod", "dolt-0", "--grace-period=1"]);
      if (!succeeded) throw new Error(`Cannot replace the pod of Dolt: ${stderr}`);
    },
    async waitUntilReady() {
      const end = performance.now() + READY_TIMEOUT_MS;
      for (;;) {
        const { succeeded, stderr } = await attempt(CLIENT, "select 1");
        if (succeeded) return;
        if (performance.now() > end) throw new Error(`Cannot wait longer for Dolt: ${stderr}`);
        await Bun.sleep(200);
      }
    },
  };
}

// One line for each statement that has rows; dolt prints {} where a result is empty.
function lastRows(output: string): Record<string, unknown>[] {
  const last = output.trim().split("\n").at(-1) || "{}";
  return (JSON.parse(last) as { rows?: Record<string, unknown>[] }).rows ?? [];
}
