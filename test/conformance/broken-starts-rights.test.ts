import { afterAll } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrokenStart, create, failClearly, NO_RETRY, RETRY, vague } from "./broken-start.ts";
import type { TestNamespace } from "./namespace.ts";
import { rules } from "./rules.ts";

type Rights = Record<string, string[]>;

/** What a start needs, and nothing else: neither events nor nodes. */
const NEEDED: Rights = {
  pods: ["get", "list", "watch", "create", "patch", "delete"],
  "pods/exec": ["get", "create"],
  "pods/log": ["get"],
};

const GRANT = `grant this to the user in a Role of the namespace; ${NO_RETRY}`;
const USER = 'User "system:serviceaccount:test-\\S+:gc"';
const folder = mkdtempSync(join(tmpdir(), "rights-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts by a user who lacks a right. */
const WITHOUT: BrokenStart[] = [
  {
    what: "creating pods",
    prepare: (namespace) => asUser(namespace, { ...NEEDED, pods: ["get", "watch", "delete"] }),
    says: new RegExp(
      `pods is forbidden: ${USER} cannot create resource "pods" in API group "" in the namespace "\\S+"; ${GRANT}`,
    ),
  },
  {
    what: "watching pods",
    prepare: (namespace) => asUser(namespace, { ...NEEDED, pods: ["get", "create", "delete"] }),
    says: new RegExp(`watch pod "POD": pods "POD" is forbidden: ${USER} cannot watch resource "pods" .*; ${GRANT}`),
  },
  {
    what: "exec",
    prepare: (namespace) => asUser(namespace, { ...NEEDED, "pods/exec": [] }),
    says: new RegExp(`.*pods "POD" is forbidden: ${USER} cannot get resource "pods/exec" .*; ${GRANT}`),
  },
  {
    what: "marking the launch",
    prepare: (namespace) => asUser(namespace, { ...NEEDED, pods: ["get", "watch", "create", "delete"] }),
    says: new RegExp(`PATCH pod "POD": pods "POD" is forbidden: ${USER} cannot patch resource "pods" .*; ${GRANT}`),
  },
  {
    what: "events, which a start that cannot succeed would read",
    env: { GC_K8S_IMAGE: "localhost:1/nope:1", GC_K8S_IMAGE_PULL_CREDENTIALS: "nosuch" },
    prepare: (namespace) => asUser(namespace, NEEDED),
    says: new RegExp(
      `pod "POD": (ErrImagePull|ImagePullBackOff): .*connection refused; check GC_K8S_IMAGE .*; ${RETRY}`,
    ),
  },
];

rules("start without a right", {}, [
  {
    title: "a right that is missing is told with verb and resource; missing events only leave less to tell",
    check: (gc) => failClearly(gc, WITHOUT),
    broken: vague,
    alone: true,
  },
]);

/** A kubeconfig of a service account with these rights in the namespace. */
function asUser({ kubectl, env }: TestNamespace, rights: Rights): Record<string, string> {
  const rbac = "rbac.authorization.k8s.io";
  const metadata = { name: "gc" };
  const granted = Object.entries(rights).filter(([, verbs]) => verbs.length > 0);
  create(
    kubectl,
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    {
      apiVersion: `${rbac}/v1`,
      kind: "Role",
      metadata,
      rules: granted.map(([resource, verbs]) => ({ apiGroups: [""], resources: [resource], verbs })),
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: rbac, kind: "Role", name: "gc" },
      subjects: [{ kind: "ServiceAccount", name: "gc" }],
    },
  );
  const token = kubectl("create", "token", "gc").trim();
  const config = JSON.parse(kubectl("config", "view", "--raw", "--minify", "-o", "json"));
  config.users = [{ name: config.contexts[0].context.user, user: { token } }];
  const file = join(folder, env()["GC_K8S_NAMESPACE"] ?? "");
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return { KUBECONFIG: file };
}
