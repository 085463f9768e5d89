import { AGENT, type SettingCase } from "./setting-case.ts";

const NODE_LOSS = "node.kubernetes.io/unreachable";
const AFFINITY = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: "disk", operator: "In", values: ["ssd"] }] }],
    },
  },
};

/** One setting each, as the server understood it. */
export const fieldCases: SettingCase[] = [
  {
    title: "image",
    env: { GC_K8S_IMAGE: "registry.example/a:1" },
    field: [[...AGENT, "image"], "registry.example/a:1"],
  },
  { title: "pull policy", env: { GC_K8S_IMAGE_PULL_POLICY: "Never" }, field: [[...AGENT, "imagePullPolicy"], "Never"] },
  {
    title: "pull credentials",
    env: { GC_K8S_IMAGE_PULL_CREDENTIALS: "one, two" },
    field: [
      ["spec", "imagePullSecrets"],
      [{ name: "one" }, { name: "two" }],
    ],
  },
  {
    title: "a prebaked image keeps its workspace",
    env: { GC_K8S_PREBAKED: "true" },
    field: [[...AGENT, "volumeMounts", "/workspace"], undefined],
  },
  {
    title: "service account",
    env: { GC_K8S_SERVICE_ACCOUNT: "agents" },
    field: [["spec", "serviceAccountName"], "agents"],
  },
  {
    title: "requests",
    env: { GC_K8S_CPU_REQUEST: "250m", GC_K8S_MEM_REQUEST: "64Mi", GC_K8S_STORAGE_REQUEST: "2Gi" },
    field: [[...AGENT, "resources", "requests"], { cpu: "250m", memory: "64Mi", "ephemeral-storage": "2Gi" }],
  },
  {
    title: "limits",
    env: { GC_K8S_CPU_LIMIT: "3", GC_K8S_MEM_LIMIT: "5Gi", GC_K8S_STORAGE_LIMIT: "6Gi" },
    field: [[...AGENT, "resources", "limits"], { cpu: "3", memory: "5Gi", "ephemeral-storage": "6Gi" }],
  },
  {
    title: "no limits",
    env: { GC_K8S_CPU_LIMIT: "none", GC_K8S_MEM_LIMIT: "none" },
    field: [[...AGENT, "resources", "limits"], undefined],
  },
  {
    title: "no requests",
    env: { GC_K8S_STORAGE_REQUEST: "none", GC_K8S_CPU_REQUEST: "none", GC_K8S_CPU_LIMIT: "none" },
    field: [[...AGENT, "resources", "requests"], { memory: "16Mi" }],
  },
  {
    title: "size of an ephemeral workspace",
    env: { GC_K8S_WORKSPACE_SIZE: "3Gi" },
    field: [["spec", "volumes", "ws"], { name: "ws", emptyDir: { sizeLimit: "3Gi" } }],
  },
  {
    title: "an ephemeral workspace without a limit",
    env: { GC_K8S_WORKSPACE_SIZE: "none" },
    field: [["spec", "volumes", "ws", "emptyDir"], {}],
  },
  {
    title: "a claim holds the workspace",
    env: { GC_K8S_WORKSPACE: "claim" },
    field: [[...AGENT, "volumeMounts", "/workspace"], { name: "ws", mountPath: "/workspace", subPath: "workspace" }],
  },
  {
    title: "a claim can be written by the agent's user",
    env: { GC_K8S_WORKSPACE: "claim", GC_K8S_RUN_AS_USER: "4711" },
    field: [
      ["spec", "securityContext"],
      {
        runAsUser: 4711,
        runAsGroup: 4711,
        fsGroup: 4711,
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      },
    ],
  },
  {
    title: "node selector",
    env: { GC_K8S_NODE_SELECTOR: '{"a/b":"c"}' },
    field: [["spec", "nodeSelector"], { "a/b": "c" }],
  },
  {
    title: "tolerations",
    env: { GC_K8S_TOLERATIONS: '[{"key":"gpu","operator":"Exists","effect":"NoSchedule"}]' },
    field: [["spec", "tolerations", "gpu"], { key: "gpu", operator: "Exists", effect: "NoSchedule" }],
  },
  { title: "affinity", env: { GC_K8S_AFFINITY: JSON.stringify(AFFINITY) }, field: [["spec", "affinity"], AFFINITY] },
  {
    title: "an empty affinity is one",
    env: { GC_K8S_AFFINITY: "{}" },
    field: [["spec", "affinity"], {}],
  },
  {
    title: "priority class",
    env: { GC_K8S_PRIORITY_CLASS_NAME: "system-cluster-critical" },
    field: [["spec", "priority"], 2_000_000_000],
  },
  {
    title: "seconds on a lost node",
    env: { GC_K8S_NODE_LOSS_SECONDS: "30" },
    field: [
      ["spec", "tolerations", NODE_LOSS],
      { key: NODE_LOSS, operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 },
    ],
  },
  {
    title: "a lost node that is tolerated by name",
    env: {
      GC_K8S_TOLERATIONS: `[{"key":"${NODE_LOSS}","operator":"Exists","tolerationSeconds":5,"effect":"NoExecute"}]`,
    },
    field: [["spec", "tolerations", NODE_LOSS, "tolerationSeconds"], 5],
  },
  {
    title: "no marks against eviction",
    env: { GC_K8S_EVICTABLE: "true" },
    field: [["metadata", "annotations", "cluster-autoscaler.kubernetes.io/safe-to-evict"], undefined],
  },
  { title: "labels", env: { GC_K8S_LABELS: '{"team":"blue"}' }, field: [["metadata", "labels", "team"], "blue"] },
  {
    title: "annotations",
    env: { GC_K8S_ANNOTATIONS: '{"example.com/note":"Größe; 1\\n"}' },
    field: [["metadata", "annotations", "example.com/note"], "Größe; 1\n"],
  },
  {
    title: "restricted",
    env: { GC_K8S_POD_SECURITY: "restricted" },
    field: [["spec", "securityContext", "runAsUser"], 1000],
    level: "restricted",
  },
  {
    title: "restricted with another user",
    env: { GC_K8S_POD_SECURITY: "restricted", GC_K8S_RUN_AS_USER: "4711" },
    field: [["spec", "securityContext", "runAsUser"], 4711],
    level: "restricted",
  },
  {
    title: "restricted with the user that the namespace assigns",
    env: { GC_K8S_POD_SECURITY: "restricted", GC_K8S_RUN_AS_USER: "image" },
    field: [["spec", "securityContext"], { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } }],
    level: "restricted",
  },
  {
    title: "restricted with a claim and secrets",
    env: {
      GC_K8S_POD_SECURITY: "restricted",
      GC_K8S_WORKSPACE: "claim",
      GC_K8S_FILE_CREDENTIALS: '{"/etc/a":"one"}',
      GC_K8S_ENV_FROM_CREDENTIALS: "two",
    },
    field: [["spec", "securityContext", "fsGroup"], 1000],
    level: "restricted",
  },
  {
    title: "unconfined",
    env: { GC_K8S_POD_SECURITY: "unconfined" },
    field: [[...AGENT, "securityContext"], undefined],
  },
  {
    title: "unconfined with a user",
    env: { GC_K8S_POD_SECURITY: "unconfined", GC_K8S_RUN_AS_USER: "0" },
    field: [["spec", "securityContext"], { runAsUser: 0, runAsGroup: 0 }],
  },
  {
    title: "Claude's credentials",
    env: { GC_K8S_CLAUDE_CREDENTIALS: "mine" },
    field: [["spec", "volumes", "claude-config", "secret"], { secretName: "mine", optional: true, defaultMode: 420 }],
  },
  {
    title: "no credentials for Claude",
    env: { GC_K8S_CLAUDE_CREDENTIALS: "none" },
    field: [[...AGENT, "volumeMounts", "/tmp/claude-secret"], undefined],
  },
  {
    title: "git's credentials",
    env: { GC_K8S_GIT_CREDENTIALS: "forge" },
    field: [
      [...AGENT, "env", "GITHUB_TOKEN", "valueFrom"],
      { secretKeyRef: { name: "forge", key: "token", optional: true } },
    ],
  },
  { title: "no credentials for git", env: { GC_K8S_GIT_CREDENTIALS: "none" }, field: [[...AGENT, "env"], undefined] },
  {
    title: "a secret's key as a variable",
    env: { GC_K8S_ENV_CREDENTIALS: '{"API_KEY":"anthropic/api-key"}' },
    field: [[...AGENT, "env", "API_KEY", "valueFrom"], { secretKeyRef: { name: "anthropic", key: "api-key" } }],
  },
  {
    title: "all keys of a secret as variables",
    env: { GC_K8S_ENV_FROM_CREDENTIALS: "one,two" },
    field: [
      [...AGENT, "envFrom"],
      [{ secretRef: { name: "one" } }, { secretRef: { name: "two" } }],
    ],
  },
  {
    title: "a secret as a file",
    env: { GC_K8S_FILE_CREDENTIALS: '{"/etc/netrc":"one/netrc"}' },
    field: [
      [...AGENT, "volumeMounts", "/etc/netrc"],
      { name: "credentials-0", mountPath: "/etc/netrc", subPath: "netrc", readOnly: true },
    ],
  },
  {
    title: "the agent's label",
    start: { GC_ALIAS: "rig/one" },
    field: [["metadata", "labels", "gc-agent"], "rig-one"],
  },
];
