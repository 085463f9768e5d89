import { configText, type Row } from "./row.ts";

const cluster = { server: "{{server}}", "certificate-authority": "pki/ca.crt" };
const clusters = [{ name: "c", cluster }];
const users = [{ name: "u", user: { token: "hush-first" } }];
const contexts = [{ name: "x", context: { cluster: "c", user: "u", namespace: "first" } }];
const whole = { "current-context": "x", contexts, clusters, users };

/** Which files are read, how they are merged and what they may look like. */
export const fileRows: readonly Row[] = [
  {
    name: "~/.kube/config",
    files: { "home/.kube/config": configText({ cluster: { "certificate-authority": "../../pki/ca.crt" } }) },
    env: { KUBECONFIG: "" },
    expect: "answered",
  },
  {
    name: "context, cluster and user of three files",
    files: {
      a: JSON.stringify({ "current-context": "x" }),
      b: JSON.stringify({ contexts, clusters }),
      "folder/c": JSON.stringify({ users: [{ name: "u", user: { tokenFile: "token" } }] }),
      "folder/token": "hush-third",
    },
    env: { KUBECONFIG: "a:b:folder/c" },
    expect: "answered",
  },
  {
    name: "the first file wins, entry by entry as a whole",
    files: {
      a: JSON.stringify({ contexts, users: [{ name: "u", user: { token: "hush-1", as: "jane" } }] }),
      b: JSON.stringify({
        ...whole,
        contexts: [{ name: "x", context: { cluster: "c", user: "u", namespace: "second" } }],
        users: [{ name: "u", user: { username: "jo" } }],
      }),
    },
    env: { KUBECONFIG: "a:b" },
    expect: "answered",
  },
  {
    name: "the first current-context wins",
    files: {
      a: JSON.stringify({ "current-context": "", clusters, users }),
      b: JSON.stringify({ "current-context": "y", contexts }),
      c: JSON.stringify({ ...whole, contexts: [{ name: "y", context: { cluster: "c", user: "u", namespace: "y" } }] }),
    },
    env: { KUBECONFIG: "a:b:c" },
    expect: "answered",
  },
  {
    name: "missing and empty files and empty entries in KUBECONFIG",
    config: {},
    files: { empty: "", comment: "# nothing\n" },
    env: { KUBECONFIG: ":absent:empty::comment:config:config:" },
    expect: "answered",
  },
  {
    name: "broken file in KUBECONFIG",
    config: {},
    files: { broken: "hush: [" },
    env: { KUBECONFIG: "config:broken" },
    expect: "refused",
    says: /Kubeconfig "broken" is not valid YAML/,
  },
  {
    name: "folder in KUBECONFIG",
    config: {},
    env: { KUBECONFIG: "config:pki" },
    expect: "refused",
    says: /Cannot read kubeconfig "pki" \(EISDIR\)/,
  },
  {
    name: "only missing files",
    env: { KUBECONFIG: "absent" },
    expect: "refused",
    says: /Cannot find a cluster: kubeconfig "absent" has none and this is no pod: set KUBECONFIG/,
  },
  {
    name: "no kubeconfig but KUBERNETES_MASTER",
    env: { KUBECONFIG: "absent", KUBERNETES_MASTER: "http://127.0.0.1:{{http}}" },
    expect: "answered",
    differs: "deprecated in client-go, and would send every context without a usable cluster to that server",
    says: /Cannot find a cluster/,
  },
  {
    name: "explicit file alone",
    config: { user: { token: "hush-other" } },
    files: { explicit: JSON.stringify({ ...whole, contexts: [{ name: "x", context: { cluster: "c", user: "u" } }] }) },
    options: { kubeconfig: "explicit" },
    expect: "answered",
  },
  {
    name: "missing explicit file",
    config: {},
    options: { kubeconfig: "absent" },
    expect: "refused",
    says: /Cannot read kubeconfig "absent" \(ENOENT\)/,
  },
  {
    name: "explicit file that is a list of files",
    config: {},
    options: { kubeconfig: "config:config" },
    expect: "refused",
  },
  {
    name: "chosen context",
    files: {
      config: JSON.stringify({
        ...whole,
        contexts: [...contexts, { name: "y", context: { cluster: "c", user: "u", namespace: "y" } }],
      }),
    },
    options: { context: "y" },
    expect: "answered",
  },
  {
    name: "chosen context that is missing",
    config: {},
    options: { context: "y" },
    expect: "refused",
    says: /Cannot use context "y": kubeconfig "config" has these contexts: "x"/,
  },
  {
    name: "current-context that is missing",
    files: { config: JSON.stringify({ ...whole, "current-context": "y" }) },
    expect: "refused",
    says: /Cannot use context "y" \(current-context\)/,
  },
  {
    name: "no current-context",
    files: { config: JSON.stringify({ contexts, clusters, users }) },
    expect: "refused",
    says: /Cannot choose a context: kubeconfig "config" sets no current-context/,
  },
  {
    name: "context whose cluster is missing",
    files: { config: JSON.stringify({ ...whole, clusters: [] }) },
    expect: "refused",
    says: /Cannot use context "x": kubeconfig "config" has no cluster "c"/,
  },
  {
    name: "context without a cluster",
    files: { config: JSON.stringify({ ...whole, contexts: [{ name: "x", context: { user: "u" } }] }) },
    expect: "refused",
    says: /Cannot use context "x" of kubeconfig "config": it names no cluster/,
  },
  {
    name: "two users of a name",
    files: { config: JSON.stringify({ ...whole, users: [...users, ...users] }) },
    expect: "refused",
    says: /Kubeconfig "config": users names "u" twice/,
  },
  {
    name: "lists that are null",
    files: { config: JSON.stringify(whole), nulls: JSON.stringify({ contexts: null, clusters: null, users: null }) },
    env: { KUBECONFIG: "nulls:config" },
    expect: "answered",
  },
  {
    name: "list that is a mapping",
    files: { config: JSON.stringify({ ...whole, users: { u: {} } }) },
    expect: "refused",
    says: /users is not a list/,
  },
  { name: "another apiVersion", files: { config: JSON.stringify({ ...whole, apiVersion: "v2" }) }, expect: "refused" },
  { name: "another kind", files: { config: JSON.stringify({ ...whole, kind: "Pod" }) }, expect: "refused" },
  { name: "text instead of a mapping", files: { config: "hush" }, expect: "refused", says: /is not a mapping/ },
  { name: "unknown fields", files: { config: JSON.stringify({ ...whole, more: 1, Users: 2 }) }, expect: "answered" },
  { name: "JSON with tabs", files: { config: JSON.stringify(whole, null, "\t") }, expect: "answered" },
  {
    name: "block YAML with comments, anchors, quotes and CRLF",
    files: {
      config: [
        "# made by hand",
        "current-context: 'x'",
        "preferences: {}",
        "contexts:",
        "- name: x",
        "  context: {cluster: c, user: u, namespace: &n first} # flow",
        "clusters:",
        "- cluster:",
        "    certificate-authority: pki/ca.crt",
        '    server: "{{server}}"',
        "  name: c",
        "users:",
        "- name: u",
        "  user:",
        "    as: *n",
        "    token: >-",
        "      hush-folded",
        "",
      ].join("\r\n"),
    },
    expect: "answered",
  },
  {
    name: "first of two documents",
    files: { config: `---\n${configText()}\n---\n${JSON.stringify({ "current-context": "other" })}\n` },
    expect: "answered",
  },
  {
    name: "yes as a boolean",
    files: {
      config: `current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {token: hush}}]\nclusters:\n- name: c\n  cluster:\n    server: "{{server}}"\n    insecure-skip-tls-verify: yes\n`,
    },
    expect: "answered",
  },
  {
    name: "boolean as text",
    config: { cluster: { "certificate-authority": "", "insecure-skip-tls-verify": "true" } },
    expect: "refused",
    says: /insecure-skip-tls-verify is not true or false/,
  },
  {
    name: "base64 in several lines",
    files: {
      config: JSON.stringify({
        ...whole,
        clusters: [
          { name: "c", cluster: { server: "{{server}}", "certificate-authority-data": "{{base64 ca.crt}}\n\n" } },
        ],
      }),
    },
    expect: "answered",
  },
];
