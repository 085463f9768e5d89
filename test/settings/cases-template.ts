import { AGENT, type SettingCase } from "./setting-case.ts";

const agent = (yaml: string) => `containers: [{ name: agent, ${yaml} }]`;

/** What a template changes, as the server understood it. */
export const templateCases: SettingCase[] = [
  {
    title: "a plain spec",
    template: "dnsPolicy: Default",
    field: [["spec", "dnsPolicy"], "Default"],
  },
  {
    title: "a whole pod",
    template: "apiVersion: v1\nkind: Pod\nmetadata: { labels: { team: red } }\nspec: { hostname: box }",
    field: [["metadata", "labels", "team"], "red"],
  },
  {
    title: "a PodTemplate",
    template: "apiVersion: v1\nkind: PodTemplate\ntemplate: { spec: { hostname: box } }",
    field: [["spec", "hostname"], "box"],
  },
  {
    title: "a section for this agent",
    template: "default: { hostname: all }\nagents: { 'rig/*': { hostname: rigs }, mayor: { hostname: mayor } }",
    start: { GC_AGENT: "rig/one" },
    field: [["spec", "hostname"], "rigs"],
  },
  {
    title: "an image of the agent's own",
    template: `agents: { mayor: { ${agent("image: registry.example/m:1")} } }`,
    start: { GC_ALIAS: "mayor", GC_AGENT: "other" },
    field: [[...AGENT, "image"], "registry.example/m:1"],
  },
  {
    title: "a variable beside those of the settings",
    template: agent("env: [{ name: PROXY, value: here }]"),
    field: [[...AGENT, "env", "PROXY", "value"], "here"],
  },
  {
    title: "a variable in the place of one of the settings",
    template: agent("env: [{ name: GITHUB_TOKEN, value: none, valueFrom: null }]"),
    field: [[...AGENT, "env", "GITHUB_TOKEN"], { name: "GITHUB_TOKEN", value: "none" }],
  },
  {
    title: "a variable less",
    template: agent("env: [{ name: GITHUB_TOKEN, $patch: delete }]"),
    field: [[...AGENT, "env"], undefined],
  },
  {
    title: "a limit less",
    template: agent("resources: { limits: { cpu: null } }"),
    field: [[...AGENT, "resources", "limits"], { memory: "4Gi" }],
  },
  {
    title: "resources replaced",
    template: agent("resources: { $patch: replace, limits: { cpu: '1' } }"),
    field: [[...AGENT, "resources"], { limits: { cpu: "1" }, requests: { cpu: "1" } }],
  },
  {
    title: "a volume and its mount",
    template: `${agent("volumeMounts: [{ name: cache, mountPath: /cache }]")}\nvolumes: [{ name: cache, emptyDir: {} }]`,
    field: [[...AGENT, "volumeMounts", "/cache"], { name: "cache", mountPath: "/cache" }],
  },
  {
    title: "an init container",
    template: "initContainers: [{ name: first, image: 'a:1' }]",
    field: [["spec", "initContainers", "first", "image"], "a:1"],
  },
  {
    title: "a sidecar",
    template: "initContainers: [{ name: proxy, image: 'a:1', restartPolicy: Always }]",
    field: [["spec", "initContainers", "proxy", "restartPolicy"], "Always"],
  },
  {
    title: "tolerations in the place of the settings'",
    env: { GC_K8S_TOLERATIONS: '[{"key":"gpu","operator":"Exists"}]' },
    template: "tolerations: [{ key: other, operator: Exists }]",
    field: [["spec", "tolerations", "other"], { key: "other", operator: "Exists" }],
  },
  {
    title: "the bound of a lost node stays",
    env: { GC_K8S_NODE_LOSS_SECONDS: "77" },
    template: "tolerations: [{ operator: Exists }]",
    field: [["spec", "tolerations", "node.kubernetes.io/not-ready", "tolerationSeconds"], 77],
  },
  {
    title: "an annotation less",
    template: "metadata: { annotations: { karpenter.sh/do-not-disrupt: null } }",
    field: [["metadata", "annotations", "karpenter.sh/do-not-disrupt"], undefined],
  },
  {
    title: "a security context replaced",
    template: agent("securityContext: { $patch: replace, privileged: true }"),
    field: [[...AGENT, "securityContext"], { privileged: true }],
  },
  {
    title: "a host alias",
    template: "hostAliases: [{ ip: 10.0.0.1, hostnames: [forge] }]",
    field: [["spec", "hostAliases", "10.0.0.1", "hostnames"], ["forge"]],
  },
  {
    title: "a service-account token where agents need one",
    template: "automountServiceAccountToken: true",
    field: [["spec", "automountServiceAccountToken"], true],
  },
];

const USE = 'Cannot use GC_K8S_POD_TEMPLATE="TEMPLATE" (environment): ';

/** Templates that are refused, ours naming setting, origin and section. */
export const refusedTemplates: SettingCase[] = [
  { title: "no YAML", template: "a: [", refusal: `${USE}it is no YAML` },
  {
    title: "another name",
    template: "metadata: { name: x }",
    refusal: `${USE}it changes what belongs to gc-k8s: metadata`,
  },
  {
    title: "another restart policy",
    template: "default: { restartPolicy: Always }",
    refusal: `${USE}default: it changes what belongs to gc-k8s: spec.restartPolicy`,
  },
  {
    title: "another command",
    template: agent("command: [x]"),
    refusal: `${USE}it changes what belongs to gc-k8s: command of the container "agent"`,
  },
  {
    title: "another workspace",
    template: "agents: { '*': { volumes: [{ name: ws, $patch: delete }] } }",
    refusal: `${USE}agents "*": it changes what belongs to gc-k8s: the volumes ws and run`,
  },
  {
    title: "a second container",
    template: "containers: [{ name: sidecar, image: a }]",
    refusal: "(a sidecar is an entry of spec.initContainers with restartPolicy: Always)",
  },
  { title: "a directive that is none", template: "spec: { $patch: remove }", refusal: `${USE}spec.$patch must be` },
  {
    title: "a field that is misspelt",
    template: "hostNetworking: true",
    refusal: 'unknown field "spec.hostNetworking"',
  },
  {
    title: "a mount of a volume that is not there",
    template: agent("volumeMounts: [{ name: cache, mountPath: /cache }]"),
    refusal: "spec.containers[0].volumeMounts",
  },
  {
    title: "a level that the namespace forbids",
    env: { GC_K8S_POD_SECURITY: "restricted" },
    template: "hostNetwork: true",
    level: "baseline",
    refusal: "host namespaces",
  },
];
