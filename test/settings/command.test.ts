import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestNamespace, testNamespace } from "../conformance/namespace.ts";
import { command, commandPath } from "./command.ts";

const namespace: TestNamespace = testNamespace();
let city = "";
beforeAll(async () => {
  city = mkdtempSync(join(tmpdir(), "gc-k8s-city-"));
  symlinkSync(commandPath(), join(city, "gc-k8s"));
  writeFileSync(join(city, "gc-k8s.toml"), 'city = "blue"\nimage = "file:1"\npod_template = "pods.yaml"\n');
  writeFileSync(join(city, "pods.yaml"), "agents: { mayor: { hostname: of-mayor } }");
  await namespace.create();
}, 60_000);
afterAll(async () => {
  rmSync(city, { recursive: true });
  await namespace.remove();
}, 60_000);

test("settings tells value and origin of each: option, environment, file, default", async () => {
  const env = { GC_K8S_IMAGE: "env:1", GC_K8S_CITY: "" };
  const { exit, stdout } = await command(["settings", "-o", "json", "-n", "here"], env, "", join(city, "gc-k8s"));
  expect(exit).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    GC_K8S_NAMESPACE: { value: "here", origin: "--namespace" },
    GC_K8S_IMAGE: { value: "env:1", origin: "environment" },
    GC_K8S_CITY: { value: "blue", origin: join(city, "gc-k8s.toml") },
    GC_K8S_CPU_LIMIT: { value: "2", origin: "default" },
  });
});

test("settings for people has a line for each, and the same facts", async () => {
  const { stdout: json } = await command(["settings", "-o", "json"], {}, "", join(city, "gc-k8s"));
  const { stdout } = await command(["settings"], {}, "", join(city, "gc-k8s"));
  const [head, ...lines] = stdout.trimEnd().split("\n");
  expect(head?.split(/ {2,}/)).toEqual(["SETTING", "VALUE", "ORIGIN"]);
  expect(lines.map((line) => line.split(" ")[0])).toEqual(Object.keys(JSON.parse(json)));
  expect(lines.find((line) => line.startsWith("GC_K8S_CITY "))).toContain(`blue   `);
});

test("a pod of the city's own file, without a cluster", async () => {
  const env = { KUBECONFIG: "/nowhere" };
  const { exit, stdout } = await command(["pod", "mayor", "--dry-run"], env, "", join(city, "gc-k8s"));
  expect(exit).toBe(0);
  expect(Bun.YAML.parse(stdout)).toMatchObject({
    metadata: { labels: { "gc-city": "blue" } },
    spec: { hostname: "of-mayor", containers: [{ name: "agent", image: "file:1" }] },
  });
});

test("the YAML is what kubectl reads as the same pod", async () => {
  const { stdout: json } = await command(["pod", "x", "--dry-run=server", "-o", "json"], namespace.env());
  const { stdout: yaml } = await command(["pod", "x", "--dry-run"], namespace.env());
  const file = join(city, "pod.yaml");
  writeFileSync(file, yaml);
  const theirs = JSON.parse(namespace.kubectl("create", "--dry-run=server", "-f", file, "-o", "json"));
  expect(theirs.spec).toEqual(JSON.parse(json).spec);
});

test.each<[string[], number, string]>([
  [["pod", "x"], 1, "pod: a pod is made by a start of its session only: add --dry-run or --dry-run=server\n"],
  [["pod", "", "--dry-run"], 1, 'pod: Cannot use the session name "": it is empty\n'],
  [
    ["pod", "x", "--dry-run", "--start", "/nowhere"],
    1,
    'pod: Cannot read the start configuration "/nowhere": ENOENT\n',
  ],
  [["pod", "x", "--dry-run", "-n", "Bad"], 1, 'Cannot use GC_K8S_NAMESPACE="Bad" (--namespace): must be lower-case'],
  [["nope"], 2, "nope: unknown command 'nope'\n"],
  [["settings", "--nope"], 1, "settings: unknown option '--nope'\n"],
])("%p ends with %d", async (args, exit, message) => {
  const outcome = await command(args, {}, "", join(city, "gc-k8s"));
  expect({ exit: outcome.exit, stdout: outcome.stdout }).toEqual({ exit, stdout: "" });
  expect(outcome.stderr).toContain(message);
});

test("help is success, with examples", async () => {
  const { exit, stdout } = await command(["pod", "--help"], {});
  expect(exit).toBe(0);
  expect(stdout).toContain("gc-k8s pod mayor --dry-run=server");
});

test("without settings that hold, nothing is told", async () => {
  const copy = join(city, "copy");
  cpSync(commandPath(), join(copy, "gc-k8s"));
  chmodSync(join(copy, "gc-k8s"), 0o755);
  writeFileSync(join(copy, "gc-k8s.toml"), "cpu_limit = 'two'");
  const { exit, stderr } = await command(["settings"], {}, "", join(copy, "gc-k8s"));
  expect(exit).toBe(1);
  expect(stderr).toContain(`GC_K8S_CPU_LIMIT="two" (${join(copy, "gc-k8s.toml")}): must be`);
});
