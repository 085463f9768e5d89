import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testNamespace } from "../conformance/namespace.ts";
import { executable } from "../conformance/provider.ts";
import { command, commandPath } from "../settings/command.ts";
import { clusterStatus } from "../support/cluster.ts";
import { applyObject } from "./apply-object.ts";
import { userKubeconfig } from "./user-kubeconfig.ts";

interface Change {
  kind: string;
  name: string;
  change: string;
}

/** Everything runs under the strictest level: Dolt, the agents, the clean-up. */
const namespace = testNamespace(["pod-security.kubernetes.io/enforce=restricted"]);
const { kubectl } = namespace;
const scratch = mkdtempSync(join(tmpdir(), "gc-k8s-install-"));
const KINDS = "serviceaccounts,roles,rolebindings,configmaps,networkpolicies,services,statefulsets,cronjobs";
const OURS = "app.kubernetes.io/managed-by=gc-k8s";
let env: Record<string, string>;
let image = "";

beforeAll(async () => {
  await namespace.create();
  image = (await clusterStatus(process.env["GC_TEST_CLUSTER"])).beadsImage;
  env = { ...namespace.env(), GC_K8S_POD_SECURITY: "restricted" };
}, 60_000);
afterAll(async () => {
  await namespace.remove();
  rmSync(scratch, { recursive: true });
}, 60_000);

test("a dry run tells what would be made and makes nothing", async () => {
  const changes = await run("install", "--dry-run", "--dolt-image", image);
  expect(changes).toContainEqual({ kind: "StatefulSet", name: "dolt", change: "created" });
  expect(ours()).toEqual([]);
});

test("an installation that is killed is finished by the next", async () => {
  const child = Bun.spawn([commandPath(), "install", "--dolt-image", image], { env, stderr: "pipe", stdout: "ignore" });
  for await (const chunk of child.stderr) {
    if (!new TextDecoder().decode(chunk).includes("Role gc-session-k8s")) continue;
    child.kill("SIGKILL");
    break;
  }
  await child.exited;
  expect(ours().length).toBeGreaterThan(0);
  const changes = await run("install", "--dolt-image", image);
  expect(changes.map(({ change }) => change)).toContain("created");
  expect(changes.map(({ change }) => change)).toContain("unchanged");
  expect(kubectl("get", "pod", "dolt-0", "-o", "jsonpath={.status.containerStatuses[0].ready}")).toBe("true");
}, 240_000);

test("a second installation changes nothing, and another city adds only its own", async () => {
  const again = await run("install");
  expect(again.filter(({ kind, change }) => kind !== "Namespace" && change !== "unchanged")).toEqual([]);
  const green = await run("install", "--city", "Green City");
  const added = green.filter(({ change }) => change === "created").map(({ kind }) => kind);
  expect(added.sort()).toEqual(["ConfigMap", "CronJob", "CronJob", "CronJob"]);
  expect(green.filter(({ change }) => change === "configured")).toEqual([]);
}, 60_000);

test("clean-up that has no image is suspended; with one it runs for the city", async () => {
  const suspended = () =>
    kubectl("get", "cronjobs", "-o", "jsonpath={range .items[*]}{.metadata.name}={.spec.suspend} {end}");
  const cleanUp = ["gc-beads-purge-test", "gc-events-prune-test", "gc-reap-test"];
  for (const name of cleanUp) expect(suspended()).toContain(`${name}=true`);
  await run("upgrade", "--image", "registry.example/gc-k8s:1");
  for (const name of cleanUp) expect(suspended()).toContain(`${name}=false`);
  const path = "jsonpath={.spec.jobTemplate.spec.template.spec.containers[0]}";
  const container = JSON.parse(kubectl("get", "cronjob", "gc-events-prune-test", "-o", path)) as Record<
    string,
    unknown
  >;
  expect(container["image"]).toBe("registry.example/gc-k8s:1");
  expect(container["env"]).toContainEqual({ name: "GC_K8S_CITY", value: "test" });
}, 60_000);

test("what --print prints is what is installed, and kubectl takes it", async () => {
  const { stdout } = await command(["install", "--print", "--dolt-image", image], env);
  const objects = (Bun.YAML.parse(stdout) as { kind: string; metadata: { name: string } }[]).filter(
    ({ kind }) => kind !== "Namespace",
  );
  const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort();
  expect(names).toEqual(
    ours()
      .filter((name) => !name.includes("green-city"))
      .sort(),
  );
  applyObject(namespace, { apiVersion: "v1", kind: "List", items: objects }, "--dry-run=server");
  expect(stdout).not.toContain(kubectl("get", "secret", "dolt", "-o", "jsonpath={.data.password}"));
}, 60_000);

test("an upgrade removes what is no longer part of it, and nothing that it did not make", async () => {
  const old = (name: string) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, labels: { [OURS.split("=")[0] ?? ""]: "gc-k8s", "app.kubernetes.io/part-of": "gc-k8s" } },
  });
  applyObject(namespace, old("of-an-older-version"), "--server-side", "--field-manager=gc-k8s");
  applyObject(namespace, old("somebody-elses"));
  const changes = await run("upgrade");
  expect(changes.filter(({ change }) => change === "deleted")).toEqual([
    { kind: "ConfigMap", name: "of-an-older-version", change: "deleted" },
  ]);
  expect(kubectl("get", "configmap", "somebody-elses", "-o", "name")).toBe("configmap/somebody-elses\n");
}, 60_000);

test("a field that somebody else has set is not taken over unasked", async () => {
  kubectl(
    "patch",
    "service",
    "dolt",
    "--field-manager=somebody",
    "-p",
    '{"spec":{"ports":[{"port":3307,"name":"other"}]}}',
  );
  const { exit, stderr } = await command(["upgrade"], env);
  expect(exit).toBe(1);
  expect(stderr.trim().split("\n").at(-1)).toMatch(/Service "dolt".*conflict.*"somebody".*--force-conflicts/);
  await run("upgrade", "--force-conflicts");
  expect(kubectl("get", "service", "dolt", "-o", "jsonpath={.spec.ports[0].name}")).toBe("mysql");
}, 60_000);

test("sessions of the controller's own account live through an upgrade; a city that has them is not removed", async () => {
  const controller = { ...env, KUBECONFIG: userKubeconfig(namespace, "gc-controller", scratch) };
  const gc = executable(controller);
  const started = await gc({ op: "start", args: ["alive"], stdin: JSON.stringify({ command: "sleep 300" }) });
  expect({ exit: started.exit, stderr: started.stderr }).toEqual({ exit: 0, stderr: "" });
  const uid = () => kubectl("get", "pods", "-l", "app=gc-agent", "-o", "jsonpath={.items[*].metadata.uid}");
  const before = uid();
  await run("upgrade", "--image", "registry.example/gc-k8s:2");
  expect(uid()).toBe(before);
  expect((await gc({ op: "is-running", args: ["alive"] })).stdout).toBe("true\n");
  const { exit, stderr } = await command(["uninstall"], env);
  expect(exit).toBe(1);
  expect(stderr).toContain("1 of its sessions run");
  await gc({ op: "stop", args: ["alive"] });
}, 90_000);

test("a city that is not installed is not upgraded", async () => {
  const { exit, stderr } = await command(["upgrade", "--city", "nobodys"], env);
  expect(exit).toBe(1);
  expect(stderr).toContain('city "nobodys": it is not installed');
});

test("one city goes without the other, and the last one leaves the data", async () => {
  const green = await run("uninstall", "--city", "Green City");
  expect(green.map(({ kind }) => kind).sort()).toEqual(["ConfigMap", "CronJob", "CronJob", "CronJob"]);
  expect(ours()).toContain("StatefulSet/dolt");
  const secret = kubectl("get", "secret", "dolt", "-o", "jsonpath={.metadata.uid}");
  await run("uninstall");
  expect(ours()).toEqual([]);
  expect(kubectl("get", "secret", "dolt", "-o", "jsonpath={.metadata.uid}")).toBe(secret);
  expect(kubectl("get", "pvc", "-o", "name")).toContain("data-dolt-0");
  expect(kubectl("get", "configmap", "somebody-elses", "-o", "name")).toBe("configmap/somebody-elses\n");
  await run("install", "--dolt-image", image);
}, 240_000);

test("--delete-data deletes the volumes and the password that install made", async () => {
  // The box that the doctor leaves for some seconds is no session that runs.
  await command(["doctor"], env);
  const gone = await run("uninstall", "--delete-data");
  expect(gone).toContainEqual({ kind: "PersistentVolumeClaim", name: "data-dolt-0", change: "deleted" });
  kubectl("wait", "pvc/data-dolt-0", "pvc/backups-dolt-0", "--for=delete", "--timeout=60s");
  expect(kubectl("get", "secret", "-o", "name")).toBe("");
}, 90_000);

test("an object of somebody else that has the name of one of ours is left alone", async () => {
  kubectl("create", "service", "clusterip", "dolt", "--tcp=1:1");
  const { exit, stderr } = await command(["install", "--wait", "0"], env);
  expect(exit).toBe(1);
  expect(stderr.trim().split("\n").at(-1)).toContain(
    'Cannot install Service "dolt": one is there that somebody else made',
  );
  expect(kubectl("get", "service", "dolt", "-o", "jsonpath={.spec.ports[0].port}")).toBe("1");
}, 60_000);

async function run(...args: string[]): Promise<Change[]> {
  const { exit, stdout, stderr } = await command([...args, "-o", "json"], env);
  if (exit !== 0) throw new Error(`gc-k8s ${args.join(" ")}: ${stderr}`);
  return JSON.parse(stdout) as Change[];
}

/** Kind and name of everything that carries our label and our field manager. */
function ours(): string[] {
  const { items } = JSON.parse(kubectl("get", KINDS, "-l", OURS, "-o", "json", "--show-managed-fields")) as {
    items: { kind: string; metadata: { name: string; managedFields: { manager: string }[] } }[];
  };
  const own = items.filter(({ metadata }) => metadata.managedFields.some(({ manager }) => manager === "gc-k8s"));
  return own.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
}
