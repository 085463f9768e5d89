import type { SettingCase } from "./setting-case.ts";

/** What nobody can have: by our own check, or by the server's. */
export const refusedCases: SettingCase[] = [
  { title: "no image", env: { GC_K8S_IMAGE: "" }, refusal: "GC_K8S_IMAGE is required" },
  {
    title: "a quantity that is none",
    env: { GC_K8S_CPU_LIMIT: "two" },
    refusal: 'Cannot use GC_K8S_CPU_LIMIT="two" (environment): must be a quantity such as 500m, 2 or 1Gi, or none',
  },
  {
    title: "a request above its limit",
    env: { GC_K8S_CPU_REQUEST: "3" },
    refusal: 'Cannot use GC_K8S_CPU_REQUEST="3" (environment): it is more than GC_K8S_CPU_LIMIT="2" (default)',
  },
  {
    title: "a label of ours",
    env: { GC_K8S_LABELS: '{"gc-session":"x"}' },
    refusal: 'must be other than "gc-session", which belongs to gc-k8s',
  },
  {
    title: "a label that is none",
    env: { GC_K8S_LABELS: '{"a b":"x"}' },
    refusal: '(environment): must be right in every entry: "a b" is no label name',
  },
  {
    title: "a secret where its name belongs",
    env: { GC_K8S_ENV_CREDENTIALS: '{"API_KEY":"sk-Abc"}' },
    refusal: "Cannot use GC_K8S_ENV_CREDENTIALS (environment): must be right in every entry: the value of API_KEY",
  },
  {
    title: "files of a secret where the pod mounts another",
    env: { GC_K8S_FILE_CREDENTIALS: '{"/tmp/claude-secret":"own"}' },
    refusal: "outside of the box's own directories",
  },
  {
    title: "a claim that would hide a prebaked workspace",
    env: { GC_K8S_WORKSPACE: "claim", GC_K8S_PREBAKED: "true" },
    refusal: "a claim would hide the image's workspace",
  },
  {
    title: "a service account that is not there",
    env: { GC_K8S_SERVICE_ACCOUNT: "nobody" },
    refusal: "serviceaccount",
  },
  {
    title: "a runtime class that is not there",
    env: { GC_K8S_RUNTIME_CLASS_NAME: "no-such-runtime" },
    refusal: "no-such-runtime",
  },
  {
    title: "the default level where the namespace is restricted",
    level: "restricted",
    refusal: "violates PodSecurity",
  },
  {
    title: "root where the namespace is restricted",
    env: { GC_K8S_POD_SECURITY: "default", GC_K8S_RUN_AS_USER: "0" },
    level: "restricted",
    refusal: "runAsUser=0",
  },
  {
    title: "a toleration that the API does not know",
    env: { GC_K8S_TOLERATIONS: '[{"key":"a","operator":"Sometimes"}]' },
    refusal: 'operator cannot be "Sometimes"',
  },
];
