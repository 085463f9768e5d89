import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { installation } from "../../src/cli/installation.ts";
import { type Manifest, readManifests } from "../../src/cli/manifest.ts";
import { testNamespace } from "../conformance/namespace.ts";
import { command, type Outcome } from "../settings/command.ts";
import { clusterStatus } from "../support/cluster.ts";
import { helmPath } from "./helm.ts";

const chart = join(import.meta.dir, "../../charts/gc-k8s");
const namespace = testNamespace(["pod-security.kubernetes.io/enforce=restricted"]);
let helm = "";
let image = "";

beforeAll(async () => {
  await namespace.create();
  image = (await clusterStatus(process.env["GC_TEST_CLUSTER"])).beadsImage;
  helm = await helmPath();
}, 600_000);
afterAll(() => namespace.remove(), 60_000);

async function run(...args: string[]): Promise<Outcome> {
  const { KUBECONFIG = "", GC_K8S_NAMESPACE = "" } = namespace.env();
  const { HOME = "" } = process.env;
  return await command([...args, "-n", GC_K8S_NAMESPACE], { HOME, KUBECONFIG }, "", helm);
}

async function ok(...args: string[]): Promise<string> {
  const { exit, stdout, stderr } = await run(...args);
  expect({ args, exit, stderr: exit === 0 ? "" : stderr }).toEqual({ args, exit: 0, stderr: "" });
  return stdout;
}

test("helm finds nothing wrong with the chart", async () => {
  expect(await ok("lint", "--strict", chart)).toContain("0 chart(s) failed");
});

test.each<[string, string[], string]>([
  ["by default", [], ""],
  ["with every value", ["image=r.example/gc-k8s:1", "storageClass=fast"], "fast"],
])("helm renders it to what gc-k8s install makes, %s", async (_, values, storageClass) => {
  const set = ["city=blue", "doltImage=r.example/dolt:1", "beadsImage=r.example/bd:1", ...values];
  const text = await ok("template", "blue", chart, "--kube-version=1.34", ...set.flatMap((value) => ["--set", value]));
  const images = {
    "dolthub/dolt": "r.example/dolt:1",
    "gc-beads": "r.example/bd:1",
    ...(values.length > 0 && { "gc-k8s": "r.example/gc-k8s:1" }),
  };
  const place = { namespace: namespace.env()["GC_K8S_NAMESPACE"] ?? "", city: "blue" };
  const made = installation(place, { images, storageClass }).filter(
    ({ kind, metadata }) => kind !== "Namespace" && !/^gc-k8s-(city|parameters)/.test(metadata.name),
  );
  const rendered = readManifests(text).filter(({ kind }) => kind !== "Secret");
  expect(comparable(rendered)).toEqual(comparable(made));
});

test.each([["city=Not A Name"], ["unknown=1"], ["shared=perhaps"]])("helm refuses %s", async (value) => {
  const { exit, stderr } = await run("template", "blue", chart, "--kube-version=1.34", "--set", value);
  expect({ exit, isSchema: stderr.includes("don't meet the specifications of the schema") }).toEqual({
    exit: 1,
    isSchema: true,
  });
});

test("two releases are two cities; one is upgraded, the other removed, and the password stays", async () => {
  const { kubectl } = namespace;
  const password = () => kubectl("get", "secret", "dolt", "-o", "jsonpath={.data.password}");
  const cities = () =>
    kubectl("get", "cronjobs", "-l", "gc-city", "-o", "jsonpath={.items[*].metadata.labels.gc-city}");
  const dolt = ["--set", `doltImage=${image}`];
  await ok("install", "blue", chart, "--set", "city=blue", ...dolt, "--wait", "--timeout=90s");
  const first = password();
  await ok("install", "green", chart, "--set", "city=green", "--set", "shared=false");
  expect(cities()).toBe("blue green blue green blue green");
  await ok("upgrade", "blue", chart, "--set", "city=blue", ...dolt, "--set", "image=r.example/gc-k8s:1");
  expect(password()).toBe(first);
  const { stdout } = await command(["doctor"], {
    ...namespace.env(),
    GC_K8S_CITY: "blue",
    GC_K8S_IMAGE: image,
    GC_K8S_POD_SECURITY: "restricted",
  });
  expect(stdout).toContain("Nothing keeps a city from working here.");
  await ok("uninstall", "green");
  expect(cities()).toBe("blue blue blue");
  await ok("uninstall", "blue", "--wait");
  expect(password()).toBe(first);
}, 240_000);

/** Without what only Helm knows (its own label, `suspend: false`), and in no order. */
function comparable(objects: Manifest[]): Record<string, unknown> {
  const plain = objects.map(({ metadata, ...object }) => {
    const { "app.kubernetes.io/managed-by": _, ...labels } = metadata.labels ?? {};
    const { suspend, ...spec } = (object["spec"] ?? {}) as { suspend?: boolean };
    const body = object["spec"] ? { ...object, spec: { ...spec, ...(suspend && { suspend }) } } : object;
    return [`${object.kind}/${metadata.name}`, { ...body, metadata: { ...metadata, labels } }] as const;
  });
  return Object.fromEntries(plain);
}
