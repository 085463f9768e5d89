import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AgentPodInput, agentPod } from "./agent-pod.ts";
import boxScript from "./box.sh" with { type: "text" };
import { templateSections } from "./pod-template.ts";

/** Set to 1, `bun test src/pod` writes the golden files anew; the difference is then for people to judge. */
const UPDATE = process.env["UPDATE_GOLDEN"] === "1";

const INPUT: AgentPodInput = {
  city: "blue",
  session: "s-1",
  namespace: "gc",
  image: "registry.example/agent:1",
  imagePullPolicy: "IfNotPresent",
  imagePullSecrets: [],
  isPrebaked: false,
  agent: "rig/worker-1",
  cityPath: "",
  startId: "00000000-0000-4000-8000-000000000000",
  startSeconds: 110,
  serviceAccount: "",
  resources: {
    cpuRequest: "1",
    memRequest: "1Gi",
    storageRequest: "",
    cpuLimit: "2",
    memLimit: "4Gi",
    storageLimit: "",
  },
  workspaceSize: "",
  podSecurity: "default",
  runAsUser: "",
  nodeSelector: undefined,
  tolerations: [{ key: "of-settings", operator: "Exists" }],
  affinity: undefined,
  priorityClassName: "",
  runtimeClassName: "",
  nodeLossSeconds: 60,
  isEvictable: false,
  labels: {},
  annotations: {},
  credentials: { claude: "", git: "", envFrom: [], env: {}, files: {} },
  template: [],
};

function podWith(yaml: string, input: Partial<AgentPodInput> = {}) {
  return agentPod({ ...INPUT, ...input, template: templateSections(Bun.YAML.parse(yaml)) });
}

/** The image that the agent gets: enough to see which sections were taken. */
function image(yaml: string, agent = "rig/worker-1"): unknown {
  const { containers } = podWith(yaml, { agent })["spec"] as { containers: { image: string }[] };
  return containers[0]?.image;
}

describe("a template's pod as in its golden file", () => {
  test.each(["sections", "pod", "spec"])("%s", (name) => {
    const template = readFileSync(join(import.meta.dir, `testdata/template-${name}.yaml`), "utf8");
    const path = join(import.meta.dir, `testdata/template-${name}-pod.yaml`);
    const text = JSON.stringify(podWith(template)).replace(JSON.stringify(boxScript), JSON.stringify("(box.sh)"));
    const golden = `${Bun.YAML.stringify(JSON.parse(text), null, 2)}\n`;
    if (UPDATE) writeFileSync(path, golden);
    expect(golden).toBe(readFileSync(path, "utf8"));
  });
});

const SECTIONS = `
default: { containers: [{ name: agent, image: all }] }
agents:
  mayor: { containers: [{ name: agent, image: of-mayor }] }
  "rig/*": { containers: [{ name: agent, image: of-rig }] }
  "rig/worker-?": { containers: [{ name: agent, image: of-workers }] }
  "a.b": { containers: [{ name: agent, image: of-ab }] }
`;

test.each([
  ["mayor", "of-mayor"],
  ["mayors", "all"],
  ["the mayor", "all"],
  ["rig/x/y", "of-rig"],
  ["rig/worker-1", "of-workers"],
  ["rig/worker-10", "of-rig"],
  ["axb", "all"],
  ["a.b", "of-ab"],
])("agent %p takes the last section that is for it: %p", (agent, expected) => {
  expect(image(SECTIONS, agent)).toBe(expected);
});

test("an agent without a name is taken by its session's", () => {
  expect(image("agents: { s-1: { containers: [{ name: agent, image: mine }] } }", "")).toBe("mine");
});

test.each(["", "# nothing", "{}", "default:\nagents:", "agents: { x: }", "metadata: {}", "template: { spec: {} }"])(
  "the template %p changes nothing",
  (yaml) => {
    expect(podWith(yaml)).toEqual(podWith(""));
  },
);

test("a template's tolerations replace those of the settings, but not the bound of a lost node", () => {
  const { tolerations } = podWith("tolerations: [{ operator: Exists }]")["spec"] as { tolerations: object[] };
  expect(tolerations).toHaveLength(3);
  expect(tolerations[0]).toEqual({ operator: "Exists" });
  const named = podWith("tolerations: [{ key: node.kubernetes.io/unreachable, operator: Exists }]");
  expect((named["spec"] as { tolerations: object[] }).tolerations).toHaveLength(2);
});

describe("what cannot be a template", () => {
  test.each<[string, string]>([
    ["[a]", "it must be a YAML object"],
    ["default: {}\nmetadata: {}", '"metadata" cannot stand beside default and agents'],
    ["agents: [a]", "agents must be an object: name or pattern → section"],
    ["agents: { a: 1 }", 'agents "a": it must be a pod, a PodTemplate, or the spec of a pod'],
    ["spec: {}\ncontainers: []", '"containers" is no field of a pod'],
    ["agents: { 'rig/*': { spec: { $patch: no } } }", 'agents "rig/*": spec.$patch must be replace or delete'],
  ])("%p: %s", (yaml, message) => {
    expect(() => podWith(yaml)).toThrow(message);
  });
});

/** A patch for each thing that is protected, and how the refusal names it. */
const CHANGES: [string, string][] = [
  ["apiVersion: v2", "apiVersion"],
  ["kind: Deployment", "kind"],
  ["metadata: { name: other }", "metadata other than labels and annotations"],
  ["metadata: { namespace: other }", "metadata other than labels and annotations"],
  ["metadata: { finalizers: [a/b] }", "metadata other than labels and annotations"],
  ["metadata: { ownerReferences: [] }", "metadata other than labels and annotations"],
  ["metadata: { $patch: replace }", "metadata other than labels and annotations"],
  ["metadata: { labels: { app: other } }", "the labels app, "],
  ["metadata: { labels: { gc-session: null } }", "the labels app, "],
  ["metadata: { annotations: { gc-launched: x } }", "the annotations gc-session-name, "],
  ["metadata: { annotations: { $patch: delete } }", "the annotations gc-session-name, "],
  ["restartPolicy: Always", "spec.restartPolicy"],
  ["spec: { $patch: replace }", "spec.restartPolicy"],
  ["ephemeralContainers: [{ name: a }]", "spec.ephemeralContainers"],
  ["hostPID: true", "spec.hostPID"],
  ["shareProcessNamespace: true", "spec.shareProcessNamespace"],
  ["readinessGates: [{ conditionType: a/b }]", "spec.readinessGates"],
  ["containers: [{ name: sidecar, image: a }]", "the only entry of spec.containers"],
  ["containers: [{ name: agent, $patch: delete }]", "the only entry of spec.containers"],
  ["containers: [{ $patch: replace }]", "the only entry of spec.containers"],
  ["containers: [{ name: agent, command: [a] }]", 'command of the container "agent"'],
  ["containers: [{ name: agent, args: [a] }]", 'args of the container "agent"'],
  ["containers: [{ name: agent, workingDir: /a }]", 'workingDir of the container "agent"'],
  ["containers: [{ name: agent, stdin: true }]", 'stdin of the container "agent"'],
  ["containers: [{ name: agent, tty: true }]", 'tty of the container "agent"'],
  ["containers: [{ name: agent, terminationMessagePath: /a }]", "terminationMessagePath of"],
  ["containers: [{ name: agent, terminationMessagePolicy: a }]", "terminationMessagePolicy of"],
  ["containers: [{ name: agent, readinessProbe: {} }]", "readinessProbe of"],
  ["containers: [{ name: agent, startupProbe: {} }]", "startupProbe of"],
  ["volumes: [{ name: ws, emptyDir: null, hostPath: { path: / } }]", "the volumes ws and run"],
  ["volumes: [{ name: run, $patch: delete }]", "the volumes ws and run"],
  ["volumes: null", "the volumes ws and run"],
  ["containers: [{ name: agent, volumeMounts: [{ mountPath: /workspace, name: other }] }]", "what is mounted at"],
  ["containers: [{ name: agent, volumeMounts: [{ mountPath: /workspace/, name: other }] }]", "what is mounted at"],
  ["containers: [{ name: agent, volumeMounts: [{ mountPath: /run/gc/x, name: other }] }]", "what is mounted at"],
  ["containers: [{ name: agent, volumeMounts: [{ mountPath: /home/gc-agent, name: other }] }]", "what is mounted at"],
  ["containers: [{ name: agent, volumeMounts: null }]", "what is mounted at"],
];

test.each(CHANGES)("refused: %s", (yaml, field) => {
  expect(() => podWith(yaml)).toThrow(`it changes what belongs to gc-k8s: ${field}`);
});

test("what is protected may be repeated", () => {
  const yaml = `
apiVersion: v1
kind: Pod
metadata: { labels: { app: gc-agent } }
spec: { restartPolicy: Never, containers: [{ name: agent, workingDir: /workspace }] }`;
  expect(podWith(yaml)).toEqual(podWith(""));
});
