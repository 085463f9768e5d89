import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { leftovers } from "../../local-kubernetes/leftovers.ts";
import { clusterDown, clusterStatus, clusterUp, type TestCluster } from "../support/cluster.ts";

/** A second cluster beside the one that the other suites use. */
const NAME = "test-cluster";
const SCRIPT = join(import.meta.dir, "../../local-kubernetes/cluster.ts");

let cluster: TestCluster;
let mountsBefore = "";

beforeAll(async () => {
  await clusterDown(NAME);
  mountsBefore = readFileSync("/proc/self/mountinfo", "utf8");
  cluster = await clusterUp(NAME);
}, 120_000);

afterAll(() => clusterDown(NAME), 60_000);

test("clusters of different names have APIs of their own, and the first lives on", async () => {
  const first = await clusterStatus();
  expect(first.kubeconfig).not.toBe(cluster.kubeconfig);
  expect(kubectl(first, "get", "nodes")).not.toBe(kubectl(cluster, "get", "nodes"));
});

test("kubeconfig prints the file's path and nothing else", () => {
  expect(run("kubeconfig").stdout).toBe(`${cluster.kubeconfig}\n`);
});

test("up is idempotent and quick when the cluster runs", () => {
  const began = performance.now();
  expect(run("up").exit).toBe(0);
  expect(performance.now() - began).toBeLessThan(5_000);
});

test("a claim of the default StorageClass binds, and its pod reaches a ClusterIP service", async () => {
  apply(claimAndPods());
  kubectl(cluster, "wait", "pod/writer", "pod/server", "--for=condition=Ready", "--timeout=60s");
  expect(kubectl(cluster, "get", "pvc", "data", "-o", "jsonpath={.status.phase}")).toBe("Bound");
  kubectl(cluster, "exec", "writer", "--", "sh", "-c", "echo kept > /data/file");
  expect(kubectl(cluster, "exec", "writer", "--", "cat", "/data/file")).toBe("kept\n");
  const ip = kubectl(cluster, "get", "service", "server", "-o", "jsonpath={.spec.clusterIP}");
  const fetched = kubectl(
    cluster,
    "exec",
    "writer",
    "--",
    "curl",
    "-s",
    "--retry",
    "20",
    "--retry-all-errors",
    `http://${ip}/`,
  );
  expect(fetched).toContain("Directory listing");
}, 90_000);

test("a pod finds services by name, and learns at once that other names do not exist", () => {
  const lookUp = (name: string) =>
    kubectl(cluster, "exec", "writer", "--", "sh", "-c", `getent hosts ${name} || echo none`).split(/\s+/)[0];
  const ip = kubectl(cluster, "get", "service", "server", "-o", "jsonpath={.spec.clusterIP}");
  for (const name of ["server", "server.default.svc", "server.default.svc.cluster.local"])
    expect(lookUp(name)).toBe(ip);
  const began = performance.now();
  for (const name of ["missing", "missing.default.svc.cluster.local", "example.com"]) expect(lookUp(name)).toBe("none");
  expect(performance.now() - began).toBeLessThan(3_000);
  kubectl(cluster, "delete", "service", "server");
  expect(lookUp("server")).toBe("none");
});

test("Pod Security admission refuses what a namespace forbids", () => {
  kubectl(cluster, "create", "namespace", "strict");
  kubectl(cluster, "label", "namespace", "strict", "pod-security.kubernetes.io/enforce=restricted");
  const command = ["-n", "strict", "run", "bad", `--image=${cluster.agentImage}`, "--privileged"];
  expect(() => kubectl(cluster, ...command)).toThrow("violates PodSecurity");
});

test("a killed API server and a killed node come back, with what they held", async () => {
  process.kill(componentPid("kube-apiserver"), "SIGKILL");
  process.kill(componentPid("init"), "SIGKILL");
  expect(run("up").exit).toBe(0);
  expect(kubectl(cluster, "get", "namespace", "strict", "-o", "name")).toBe("namespace/strict\n");
}, 90_000);

test("an up that is interrupted at any moment is finished by the next", async () => {
  for (const afterMs of [200, 800, 1_500, 2_500, 4_000]) {
    await clusterDown(NAME);
    const up = Bun.spawn([process.execPath, SCRIPT, "up", "--name", NAME], { stdout: "ignore", stderr: "ignore" });
    await Bun.sleep(afterMs);
    up.kill(afterMs % 1_000 === 0 ? "SIGINT" : "SIGKILL");
    await up.exited;
  }
  cluster = await clusterUp(NAME);
  expect(kubectl(cluster, "get", "nodes")).toContain("Ready");
}, 180_000);

test("down leaves nothing", async () => {
  expect(await leftovers(NAME)).not.toEqual([]);
  await clusterDown(NAME);
  expect(await leftovers(NAME)).toEqual([]);
  expect(existsSync(cluster.kubeconfig)).toBe(false);
  expect(readFileSync("/proc/self/mountinfo", "utf8")).toBe(mountsBefore);
}, 60_000);

function run(...args: string[]): { exit: number; stdout: string } {
  const child = Bun.spawnSync([process.execPath, SCRIPT, ...args, "--name", NAME]);
  return { exit: child.exitCode, stdout: child.stdout.toString() };
}

function componentPid(name: string): number {
  const status = JSON.parse(run("status", "-o", "json").stdout) as {
    init: number;
    components: Record<string, { pid: number }>;
  };
  return name === "init" ? status.init : (status.components[name]?.pid ?? 0);
}

function kubectl(on: TestCluster, ...args: string[]): string {
  const child = Bun.spawnSync([on.kubectl, "--kubeconfig", on.kubeconfig, ...args]);
  if (child.exitCode !== 0) throw new Error(`kubectl ${args.join(" ")}: ${child.stderr}`);
  return child.stdout.toString();
}

function apply(objects: object[]): void {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  const command = [cluster.kubectl, "--kubeconfig", cluster.kubeconfig, "apply", "-f", "-"];
  const child = Bun.spawnSync(command, { stdin: new TextEncoder().encode(list) });
  if (child.exitCode !== 0) throw new Error(`kubectl apply: ${child.stderr}`);
}

function claimAndPods(): object[] {
  const container = { image: cluster.agentImage, imagePullPolicy: "Never", name: "c" };
  return [
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
    },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "writer" },
      spec: {
        containers: [{ ...container, command: ["sleep", "600"], volumeMounts: [{ name: "data", mountPath: "/data" }] }],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
      },
    },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "server", labels: { app: "server" } },
      spec: { containers: [{ ...container, command: ["python3", "-m", "http.server", "8000"] }] },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "server" },
      spec: { selector: { app: "server" }, ports: [{ port: 80, targetPort: 8000 }] },
    },
  ];
}
