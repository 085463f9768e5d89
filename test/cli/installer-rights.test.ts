import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testNamespace } from "../conformance/namespace.ts";
import { command, type Outcome } from "../settings/command.ts";
import { clusterStatus } from "../support/cluster.ts";
import { applyObject } from "./apply-object.ts";
import { userKubeconfig } from "./user-kubeconfig.ts";

/** An administrator made it, under the strictest level, and gave a user the rights in it and nowhere else. */
const namespace = testNamespace(["pod-security.kubernetes.io/enforce=restricted"]);
const { kubectl } = namespace;
const scratch = mkdtempSync(join(tmpdir(), "gc-k8s-rights-"));
const ROLE = join(import.meta.dir, "../../docs/installer-role.yaml");
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

test.each([
  ["create", "statefulsets", "apps"],
  ["list", "cronjobs", "batch"],
  // Without it the Role of the sessions would be refused: nobody grants what they have not.
  ["create", "pods/exec", ""],
])("without %s %s nothing is begun, and what is missing is said in one line", async (verb, resource, group) => {
  const account = `no-${verb}-${resource.replace("/", "-")}`;
  const role = Bun.YAML.parse(readFileSync(ROLE, "utf8")) as { rules: { resources: string[]; verbs: string[] }[] };
  for (const rule of role.rules)
    if (rule.resources.includes(resource)) rule.verbs = rule.verbs.filter((each) => each !== verb);
  applyObject(namespace, { ...role, metadata: { name: account } });
  const { exit, stdout, stderr } = await as(account, `--role=${account}`, "install", "--wait", "0");
  expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
  const right = `${verb} ${resource}${group && `.${group}`}`;
  expect(stderr).toMatch(
    new RegExp(
      `^install: Cannot install in namespace "[^"]+": the user may not ${right}; nothing was changed\\. .*\n$`,
    ),
  );
  expect(stderr).toContain("docs/installer-role.yaml");
  expect(kubectl("get", "roles,statefulsets,cronjobs", "-l", "app.kubernetes.io/managed-by=gc-k8s", "-o", "name")).toBe(
    "",
  );
});

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
