import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AgentPodInput, agentPod, cityPathHash } from "./agent-pod.ts";
import boxScript from "./box.sh" with { type: "text" };
import { boxCommand } from "./box.ts";

/** Set to 1, `bun test src/pod` writes the golden files anew; the difference is then for people to judge. */
const UPDATE = process.env["UPDATE_GOLDEN"] === "1";

const INPUT: AgentPodInput = {
  city: "Big City/日本",
  session: "rig/worker-1",
  namespace: "gc",
  image: "registry.example/agent:1",
  imagePullPolicy: "IfNotPresent",
  agent: "rig/worker",
  cityPath: "/home/me/city",
  startId: "00000000-0000-4000-8000-000000000000",
  startSeconds: 110,
  serviceAccount: "",
  resources: {
    cpuRequest: "500m",
    memRequest: "1Gi",
    storageRequest: "1Gi",
    cpuLimit: "2",
    memLimit: "4Gi",
    storageLimit: "",
  },
  isPrebaked: false,
  workspaceSize: "10Gi",
  podSecurity: "default",
  runAsUser: "",
  nodeSelector: undefined,
  tolerations: undefined,
  affinity: undefined,
  priorityClassName: "",
  runtimeClassName: "",
  nodeLossSeconds: 300,
  isEvictable: false,
  imagePullSecrets: [],
  labels: {},
  annotations: {},
  credentials: { claude: "claude-credentials", git: "git-credentials", envFrom: [], env: {}, files: {} },
  template: [],
};

const CASES: Record<string, Partial<AgentPodInput>> = {
  default: {},
  restricted: { podSecurity: "restricted" },
  unconfined: { podSecurity: "unconfined" },
  placement: {
    agent: "",
    cityPath: "",
    imagePullPolicy: "Always",
    serviceAccount: "agents",
    nodeSelector: { disk: "ssd" },
    tolerations: [{ key: "gpu", operator: "Exists", effect: "NoSchedule" }],
    affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
    priorityClassName: "high",
    runtimeClassName: "gvisor",
    imagePullSecrets: ["one", "two"],
    nodeLossSeconds: 30,
    isEvictable: true,
    labels: { team: "blue" },
    annotations: { "example.com/note": "a" },
  },
  credentials: {
    credentials: {
      claude: "",
      git: "git",
      envFrom: ["all", "more"],
      env: { ANTHROPIC_API_KEY: "anthropic/api-key", GITHUB_TOKEN: "forge/token" },
      files: { "/etc/agent": "one.two", "/etc/netrc": "one.two/netrc", "/workspace/.keys": "three" },
    },
  },
  claim: { workspaceClaim: "gc-rig-worker-1-7619581f9f" },
  "claim-restricted": { workspaceClaim: "gc-rig-worker-1-7619581f9f", podSecurity: "restricted", runAsUser: "4711" },
  "claim-of-namespace-user": { workspaceClaim: "gc-rig-worker-1", podSecurity: "restricted", runAsUser: "image" },
  prebaked: {
    isPrebaked: true,
    workspaceSize: "",
    resources: { cpuRequest: "", memRequest: "", storageRequest: "", cpuLimit: "", memLimit: "", storageLimit: "5Gi" },
  },
};

function pod(name: string): object {
  return agentPod({ ...INPUT, ...CASES[name] });
}

/** The pod as YAML; the script has tests of its own and would only hide the rest. */
function golden(name: string): string {
  const text = JSON.stringify(pod(name)).replace(JSON.stringify(boxScript), JSON.stringify("(box.sh)"));
  return `${Bun.YAML.stringify(JSON.parse(text), null, 2)}\n`;
}

describe("agent pod as in its golden file", () => {
  test.each(Object.keys(CASES))("%s", (name) => {
    const path = join(import.meta.dir, `testdata/agent-pod-${name}.yaml`);
    if (UPDATE) writeFileSync(path, golden(name));
    expect(existsSync(path)).toBe(true);
    expect(golden(name)).toBe(readFileSync(path, "utf8"));
  });
});

test("the container runs the whole script, not a path of it", () => {
  const [shell, option, script, name, ...limits] = boxCommand();
  expect([shell, option, name]).toEqual(["/bin/sh", "-c", "gc-box"]);
  expect(script).toStartWith("# PID 1 of a box.");
  expect(script).toBe(readFileSync(join(import.meta.dir, "box.sh"), "utf8"));
  expect(limits).toHaveLength(2);
  for (const seconds of limits) expect(Number(seconds)).toBeGreaterThan(0);
});

test("a box that is never launched has ended within a minute", () => {
  const [, , , , begin, commit] = boxCommand().map(Number);
  expect((begin ?? 60) + (commit ?? 60)).toBeLessThan(60);
});

test("nothing of the session's environment or command, and no path of the controller, is in the pod", () => {
  const text = JSON.stringify(pod("default"));
  expect(text).not.toContain("/home/me");
  expect(text).not.toContain('"value":');
});

test("the builder does not change or share what it is given", () => {
  const tolerations = Object.freeze([Object.freeze({ key: "gpu" })]);
  const input = Object.freeze({ ...INPUT, tolerations });
  expect(agentPod(input)).toEqual(agentPod(input));
});

test("the city's path is told by a hash alone", () => {
  expect(cityPathHash("")).toBe("");
  expect(cityPathHash("/a")).toMatch(/^[0-9a-f]{16}$/);
  expect(cityPathHash("/a")).not.toBe(cityPathHash("/b"));
});
