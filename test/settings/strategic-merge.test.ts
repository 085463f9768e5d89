import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterStatus } from "../support/cluster.ts";
import { command } from "./command.ts";

/** Patches as people write them; kubectl merges each into the same pod, and the two results must be equal. */
const PATCHES = [
  "metadata: { labels: { team: red } }",
  "metadata: { annotations: { karpenter.sh/do-not-disrupt: null } }",
  "metadata: { annotations: { not-there: null } }",
  "spec: { hostname: box, dnsPolicy: None, dnsConfig: { nameservers: [10.0.0.1], searches: [a, b] } }",
  "spec: { nodeSelector: { a: b } }",
  "spec: { nodeSelector: { $patch: replace, a: b } }",
  "spec: { securityContext: null }",
  "spec: { securityContext: { $patch: delete } }",
  "spec: { securityContext: { supplementalGroups: [1, 2] } }",
  "spec: { containers: [{ name: agent, image: other }] }",
  "spec: { containers: [{ name: agent, env: [{ name: A, value: b }] }] }",
  "spec: { containers: [{ name: agent, env: [{ name: GITHUB_TOKEN, value: b, valueFrom: null }] }] }",
  "spec: { containers: [{ name: agent, env: [{ name: GITHUB_TOKEN, $patch: delete }, { name: A, value: b }] }] }",
  "spec: { containers: [{ name: agent, env: [{ $patch: replace }, { name: A, value: b }] }] }",
  "spec: { containers: [{ name: agent, envFrom: [{ configMapRef: { name: a } }] }] }",
  "spec: { containers: [{ name: agent, ports: [{ containerPort: 80 }, { containerPort: 81, name: x }] }] }",
  "spec: { containers: [{ name: agent, resources: { limits: { cpu: null, memory: 1Gi } } }] }",
  "spec: { containers: [{ name: agent, resources: { $patch: replace, limits: { cpu: '1' } } }] }",
  "spec: { containers: [{ name: agent, volumeMounts: [{ name: ws, mountPath: /cache, subPath: c }] }] }",
  "spec: { containers: [{ name: agent, volumeMounts: [{ mountPath: /tmp/claude-secret, readOnly: false, name: run }] }] }",
  "spec: { containers: [{ name: agent, securityContext: { capabilities: { add: [A], drop: [B] } } }] }",
  "spec: { initContainers: [{ name: a, image: b }, { name: c, image: d, restartPolicy: Always }] }",
  "spec: { volumes: [{ name: x, emptyDir: {} }, { name: claude-config, $patch: delete }] }",
  "spec: { volumes: [{ name: claude-config, $retainKeys: [name, emptyDir], emptyDir: { medium: Memory } }] }",
  "spec: { volumes: [{ name: claude-config, secret: { optional: null, items: [{ key: a, path: b }] } }] }",
  "spec: { imagePullSecrets: [{ name: two }, { name: one, $patch: delete }] }",
  "spec: { hostAliases: [{ ip: 10.0.0.1, hostnames: [a] }] }",
  "spec: { tolerations: [{ key: node.kubernetes.io/not-ready }, { key: node.kubernetes.io/unreachable }] }",
  "spec: { topologySpreadConstraints: [{ topologyKey: a, maxSkew: 1, whenUnsatisfiable: DoNotSchedule }] }",
  "spec: { affinity: null, securityContext: { runAsUser: 3 } }",
];

/** What neither of the two can merge. */
const NO_PATCHES = [
  "spec: { $patch: remove }",
  "spec: { securityContext: { $patch: merge } }",
  "spec: { volumes: [{ emptyDir: {} }] }",
  "spec: { volumes: [x] }",
];

const ENV = {
  GC_K8S_IMAGE: "registry.example/agent:1",
  GC_K8S_NODE_SELECTOR: '{"disk":"ssd"}',
  GC_K8S_IMAGE_PULL_CREDENTIALS: "one",
};

let folder = "";
let kubectl = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gc-k8s-merge-"));
  kubectl = (await clusterStatus(process.env["GC_TEST_CLUSTER"])).kubectl;
  writeFileSync(join(folder, "pod.json"), JSON.stringify(await pod({})));
});
afterAll(() => rmSync(folder, { recursive: true }));

test.concurrent.each(PATCHES.map((patch, index): [string, number] => [patch, index]))("%s", async (patch, index) => {
  const template = join(folder, `${index}.yaml`);
  writeFileSync(template, patch);
  const theirs = await patched(patch);
  expect(plain(await pod({ GC_K8S_POD_TEMPLATE: template }))).toEqual(plain(theirs));
  // A patch that changes nothing would not tell the two apart.
  const isChange = !patch.includes("not-there");
  expect(Bun.deepEquals(plain(theirs), plain(await pod({})))).toBe(!isChange);
});

test.concurrent.each(NO_PATCHES)("neither takes %s", async (patch) => {
  const template = join(folder, `no-${NO_PATCHES.indexOf(patch)}.yaml`);
  writeFileSync(template, patch);
  await expect(patched(patch)).rejects.toThrow();
  await expect(pod({ GC_K8S_POD_TEMPLATE: template })).rejects.toThrow();
});

async function pod(env: Record<string, string>): Promise<unknown> {
  const { exit, stdout, stderr } = await command(["pod", "x", "--dry-run", "-o", "json"], { ...ENV, ...env });
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  return JSON.parse(stdout);
}

async function patched(patch: string): Promise<unknown> {
  const file = join(folder, "pod.json");
  const args = [
    "patch",
    "--local",
    "--type=strategic",
    "-f",
    file,
    "-p",
    JSON.stringify(Bun.YAML.parse(patch)),
    "-o",
    "json",
  ];
  const { exit, stdout, stderr } = await command(args, {}, "", kubectl);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  return JSON.parse(stdout);
}

/** Lists have no order that means anything here, and kubectl writes fields of its own types when they are empty. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (value === null || typeof value !== "object") return value;
  const fields = Object.entries(value)
    .filter(([name]) => name !== "status" && name !== "creationTimestamp")
    .map(([name, each]): [string, unknown] => [name, plain(each)])
    .filter(([, each]) => JSON.stringify(each) !== "{}")
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields);
}
