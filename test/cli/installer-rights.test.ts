import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AccessRule, rightName, rightsOf } from "../../src/provider/access-rule.ts";
import { create } from "../conformance/broken-start.ts";
import { testNamespace } from "../conformance/namespace.ts";
import { inParallel } from "../fault/chance.ts";
import { without } from "../security/rights.ts";
import { command, type Outcome } from "../settings/command.ts";
import { clusterStatus } from "../support/cluster.ts";
import { changedKubeconfig, userKubeconfig } from "./user-kubeconfig.ts";

/** An administrator made it, under the strictest level, and gave a user the rights in it and nowhere else. */
const namespace = testNamespace(["pod-security.kubernetes.io/enforce=restricted"]);
const { kubectl } = namespace;
const scratch = mkdtempSync(join(tmpdir(), "gc-k8s-rights-"));
const ROLE = join(import.meta.dir, "../../docs/installer-role.yaml");
const INSTALLED =
  "serviceaccounts,roles,rolebindings,configmaps,services,networkpolicies,statefulsets,cronjobs,secrets";
const LACKS =
  /^install: Cannot install in namespace "[^"]+": the user may not (.+); nothing was changed\. [^\n]*docs\/installer-role\.yaml[^\n]*\n$/;
let image = "";

beforeAll(async () => {
  await namespace.create();
  image = (await clusterStatus(process.env["GC_TEST_CLUSTER"])).beadsImage;
}, 60_000);
afterAll(async () => {
  await namespace.remove();
  rmSync(scratch, { recursive: true });
}, 60_000);

/** Runs gc-k8s as an account that holds this Role of the namespace, or ClusterRole bound in it. */
async function as(account: string, role: string, ...args: string[]): Promise<Outcome> {
  const name = namespace.env()["GC_K8S_NAMESPACE"];
  if (!kubectl("get", "serviceaccounts", "-o", "name").includes(`/${account}\n`)) {
    kubectl("create", "serviceaccount", account);
    kubectl("create", "rolebinding", account, role, `--serviceaccount=${name}:${account}`);
  }
  return await command(args, { ...namespace.env(), KUBECONFIG: userKubeconfig(namespace, account, scratch) });
}

test.each([
  ["docs/installer-role.yaml", "by-role", "--role=gc-k8s-installer"],
  ["the ClusterRole admin", "by-admin", "--clusterrole=admin"],
])(
  "%s is enough to install, upgrade and uninstall all of it",
  async (_, account, role) => {
    kubectl("apply", "-f", ROLE);
    for (const args of [
      ["install", "--dry-run", "--dolt-image", image],
      ["install", "--dolt-image", image],
      ["upgrade", "--image", "registry.example/gc-k8s:1"],
      ["uninstall", "--delete-data", "--stop-sessions"],
    ]) {
      const { exit, stderr } = await as(account, role, ...args);
      expect({ args, exit, stderr: exit === 0 ? "" : stderr }).toEqual({ args, exit: 0, stderr: "" });
    }
    kubectl("wait", "pvc", "--all", "--for=delete", "--timeout=60s");
  },
  240_000,
);

test("without any one of them nothing is begun, and what is missing is said in one line", async () => {
  const { rules } = Bun.YAML.parse(readFileSync(ROLE, "utf8")) as { rules: AccessRule[] };
  const rights = rightsOf(rules).map(rightName);
  create(kubectl, ...rightsOf(rules).flatMap((right) => grant(`without ${rightName(right)}`, without(rules, right))));
  const told = await inParallel(rights, 3, async (right) => {
    // An account of its own for each, with a token, takes three times as long.
    const KUBECONFIG = changedKubeconfig(namespace.env()["KUBECONFIG"] ?? "", scratch, ({ users }) => ({
      users: users.map(({ name, user }) => ({ name, user: { ...user, as: `without ${right}` } })),
    }));
    const { exit, stdout, stderr } = await command(["install", "--wait", "0"], { ...namespace.env(), KUBECONFIG });
    return { right: LACKS.exec(stderr)?.[1] ?? stderr, exit, stdout };
  });
  expect(told).toEqual(rights.map((right) => ({ right, exit: 1, stdout: "" })));
  expect(kubectl("get", INSTALLED, "-l", "app.kubernetes.io/managed-by=gc-k8s", "-o", "name")).toBe("");
}, 120_000);

/** A Role with these rights, and its binding to a user. */
function grant(user: string, rules: AccessRule[]): object[] {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const metadata = { name: user.replace(/\W/g, "-") };
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", ...metadata };
  return [
    { apiVersion, kind: "Role", metadata, rules },
    { apiVersion, kind: "RoleBinding", metadata, roleRef, subjects: [{ kind: "User", name: user }] },
  ];
}

test("who may do nothing is told so by a few names, and where the namespace has to come from", async () => {
  const { exit, stderr } = await as("nobody", "--clusterrole=view", "uninstall");
  expect(exit).toBe(1);
  expect(stderr).toMatch(
    /^uninstall: Cannot uninstall in namespace .*: the user may not .* and \d+ more; nothing was changed/,
  );
  kubectl(
    "create",
    "clusterrolebinding",
    `${namespace.env()["GC_K8S_NAMESPACE"]}`,
    "--clusterrole=admin",
    `--serviceaccount=${namespace.env()["GC_K8S_NAMESPACE"]}:nobody`,
  );
  try {
    const absent = await as("nobody", "--clusterrole=view", "install", "-n", "test-absent", "--wait", "0");
    expect(absent.exit).toBe(1);
    expect(absent.stderr.trimEnd().split("\n").at(-1)).toBe(
      'install: Cannot install: namespace "test-absent" is absent, and the user may not make it; let an administrator run kubectl create namespace test-absent',
    );
  } finally {
    kubectl("delete", "clusterrolebinding", `${namespace.env()["GC_K8S_NAMESPACE"]}`);
  }
}, 60_000);
