import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestNamespace, testNamespace } from "../conformance/namespace.ts";
import { until } from "../conformance/until.ts";
import { command, commandPath } from "../settings/command.ts";

const namespace: TestNamespace = testNamespace();
const scratch = mkdtempSync(join(tmpdir(), "gc-k8s-reap-"));
beforeAll(async () => {
  await namespace.create();
  await Promise.all([start("runs", "sleep 600"), start("ended", "sh -c 'sleep 2; exit 3'")]);
  await until(async () => (await gc("status")).stdout.includes("1 Ended"), 30_000);
}, 120_000);
afterAll(async () => {
  rmSync(scratch, { recursive: true });
  await namespace.remove();
}, 60_000);

const gc = (...args: string[]) => command(args, namespace.env());

async function start(session: string, line: string, env = namespace.env()): Promise<void> {
  const child = join(commandPath(), "../gc-session-k8s");
  const { exit, stderr } = await command(["start", session], env, JSON.stringify({ command: line }), child);
  if (exit !== 0) throw new Error(stderr);
}

function apply(...objects: object[]): void {
  for (const [index, object] of objects.entries()) namespace.kubectl("create", "-f", written(`${index}.json`, object));
}

function written(name: string, content: object): string {
  const path = join(scratch, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

function claim(name: string, city: string): object {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name,
      labels: { app: "gc-agent-workspace", "gc-city": city },
      annotations: { "gc-city-name": city, "gc-session-name": name },
    },
    spec: { accessModes: ["ReadWriteOnce"], storageClassName: "none", resources: { requests: { storage: "1Mi" } } },
  };
}

function installed(city: string): object {
  const labels = { "app.kubernetes.io/managed-by": "gc-k8s", "app.kubernetes.io/part-of": "gc-k8s" };
  const annotations = { "gc-city-name": city };
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: `gc-k8s-city-${city}`, labels, annotations } };
}

function names(kind: string): string[] {
  return namespace.kubectl("get", kind, "-o", "jsonpath={.items[*].metadata.name}").split(" ").filter(Boolean);
}

test("a dry run is the default, and takes what ended so long ago", async () => {
  const { stdout, stderr } = await gc("reap");
  expect({ stdout, stderr }).toEqual({ stdout: "", stderr: "Nothing would be deleted\n" });
  const older = await gc("reap", "--older-than", "0s");
  expect(older.stdout).toMatch(/^Pod +gc-ended-\w+ +test +ended +its agent ended \d+s ago$/m);
  expect(older.stderr).toBe("1 object would be deleted; --yes does it\n");
  expect(names("pods")).toHaveLength(2);
});

test("another city's pods are for others, unless all are meant", async () => {
  const other = ["reap", "--older-than", "0s", "--city", "other", "-o", "json"];
  expect(JSON.parse((await gc(...other)).stdout)).toEqual([]);
  expect(JSON.parse((await gc(...other, "--all-cities")).stdout)).toMatchObject([{ session: "ended", city: "test" }]);
});

test("--yes deletes what has ended and never what runs", async () => {
  const { exit, stderr } = await gc("reap", "--older-than", "0s", "--all-cities", "--yes");
  expect(exit).toBe(0);
  expect(stderr).toMatch(/^Pod gc-ended-\w+ deleted\n$/);
  await until(() => names("pods").length === 1);
  expect((await gc("status")).stdout).toContain("1 session, 1 Running");
});

test("workspaces stay while nobody can tell which cities are gone, then those of gone cities go", async () => {
  apply(claim("of-gone", "gone"), claim("of-test", "test"), claim("of-blue", "blue"));
  const reap = ["reap", "--all-cities", "--workspaces", "--secrets", "--older-than", "0s", "--yes"];
  expect((await gc(...reap)).stderr).toContain("nobody can tell which are gone");
  expect(names("pvc")).toHaveLength(3);
  apply(installed("blue"));
  const young = await gc(...reap.filter((word) => word !== "--yes" && word !== "0s").with(-1, "--older-than=1h"));
  expect(young.stdout).toBe("");
  // The city "test" is not installed, but one of its sessions runs.
  expect((await gc(...reap)).stderr).toBe("PersistentVolumeClaim of-gone deleted\n");
  await until(() => names("pvc").join() === "of-blue,of-test");
});

test("the CronJob's rights suffice for what it runs, and it holds what the namespace wants of pods", async () => {
  const text = readFileSync(join(import.meta.dir, "../../deploy/reap.yaml"), "utf8");
  const objects = Bun.YAML.parse(text) as { kind: string; rules?: object[]; spec?: CronSpec }[];
  expect(objects.find(({ kind }) => kind === "Role")?.rules).toEqual([
    { apiGroups: [""], resources: ["pods"], verbs: ["list", "delete"] },
  ]);
  namespace.kubectl("apply", "-f", join(import.meta.dir, "../../deploy/reap.yaml"));
  const token = namespace.kubectl("create", "token", "gc-reap").trim();
  const [container] =
    objects.find(({ kind }) => kind === "CronJob")?.spec?.jobTemplate.spec.template.spec.containers ?? [];
  const config = JSON.parse(namespace.kubectl("config", "view", "--raw", "--flatten", "--minify", "-o", "json"));
  config.users[0].user = { token };
  const env = { ...namespace.env(), KUBECONFIG: written("kubeconfig", config) };
  const outcome = await command(container?.command.slice(1) ?? [], env);
  expect(outcome).toEqual({ exit: 0, stdout: "", stderr: "" });
  expect((await command(["reap", "--workspaces"], env)).exit).toBe(1);
});

interface CronSpec {
  jobTemplate: { spec: { template: { spec: { containers: { command: string[] }[] } } } };
}

test.each([["7"], ["1w"], [""]])("--older-than %j is no age", async (age) => {
  const { exit, stderr } = await gc("reap", "--older-than", age);
  expect(exit).toBe(1);
  expect(stderr).toContain("--older-than must be an age such as 90m, 24h or 7d");
});
