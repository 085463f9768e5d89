import type { Row } from "./row.ts";

const account = { token: "hush-pod\n", "ca.crt": "{{file ca.crt}}", namespace: "of-the-pod\n" };
const none = { KUBECONFIG: "absent" };

/** What holds in a pod. */
export const podRows: readonly Row[] = [
  { name: "service account of the pod", pod: account, env: none, expect: "answered" },
  { name: "POD_NAMESPACE", pod: account, env: { ...none, POD_NAMESPACE: "variable" }, expect: "answered" },
  { name: "pod without a namespace file", pod: { ...account, namespace: "" }, env: none, expect: "answered" },
  {
    name: "pod with an empty token",
    pod: { ...account, token: "" },
    env: none,
    expect: "refused",
    says: /Service account of this pod: "\/var\/run\/secrets\/kubernetes.io\/serviceaccount\/token" is empty/,
  },
  {
    name: "pod with another certificate authority",
    pod: { ...account, "ca.crt": "{{file other-ca.crt}}" },
    env: none,
    expect: "refused",
  },
  {
    name: "pod without a port variable",
    pod: account,
    env: { ...none, KUBERNETES_SERVICE_PORT: "" },
    expect: "refused",
  },
  {
    name: "kubeconfig wins over the pod",
    pod: { ...account, token: "hush" },
    config: { context: { namespace: "n" } },
    expect: "answered",
  },
  { name: "namespace of the pod for a context without one", pod: account, config: {}, expect: "answered" },
  {
    name: "namespace default of a context in a pod",
    pod: account,
    config: { context: { namespace: "default" } },
    expect: "answered",
  },
  {
    name: "context without a cluster in a pod",
    pod: account,
    files: {
      config: JSON.stringify({
        "current-context": "x",
        contexts: [{ name: "x", context: { user: "u", namespace: "n" } }],
      }),
    },
    expect: "answered",
  },
  {
    name: "context whose cluster is missing in a pod",
    pod: account,
    files: {
      config: JSON.stringify({ "current-context": "x", contexts: [{ name: "x", context: { cluster: "c" } }] }),
    },
    expect: "answered",
    differs: "kubectl takes the pod's cluster instead of the named one; a name that is missing is a mistake",
    says: /has no cluster "c"/,
  },
  {
    name: "no current-context in a pod",
    pod: account,
    config: { context: { namespace: "n" } },
    files: { empty: "" },
    env: { KUBECONFIG: "empty" },
    expect: "answered",
  },
  {
    name: "HTTPS_PROXY in a pod",
    pod: account,
    env: { ...none, HTTPS_PROXY: "http://127.0.0.1:{{proxy}}", KUBERNETES_SERVICE_HOST: "0.0.0.0" },
    expect: "answered",
  },
];
