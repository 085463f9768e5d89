import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AccessRule, mergedRules } from "../../src/provider/access-rule.ts";
import { create } from "../conformance/broken-start.ts";
import type { TestNamespace } from "../conformance/namespace.ts";

const RBAC = "rbac.authorization.k8s.io";

/** Service accounts with a token and exactly the rights that a test gives them. */
export interface Callers {
  /** Makes an account with these rights in the namespace; returns the path of its kubeconfig. */
  withRights(name: string, rules: AccessRule[]): string;
  /** Removes the kubeconfigs; the accounts go with their namespace. */
  remove(): void;
}

/** Callers in a namespace that exists. */
export function callersIn({ kubectl }: Pick<TestNamespace, "kubectl">): Callers {
  const folder = mkdtempSync(join(tmpdir(), "callers-"));
  return {
    withRights(name, rules) {
      const metadata = { name };
      create(
        kubectl,
        { apiVersion: "v1", kind: "ServiceAccount", metadata },
        { apiVersion: `${RBAC}/v1`, kind: "Role", metadata, rules: mergedRules(rules) },
        {
          apiVersion: `${RBAC}/v1`,
          kind: "RoleBinding",
          metadata,
          roleRef: { apiGroup: RBAC, kind: "Role", name },
          subjects: [{ kind: "ServiceAccount", name }],
        },
      );
      return tokenKubeconfig(kubectl, name, join(folder, name));
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Writes a kubeconfig that knows the cluster and, of users, only the account's token. */
export function tokenKubeconfig(kubectl: TestNamespace["kubectl"], account: string, file: string): string {
  const token = kubectl("create", "token", account, "--duration=2h").trim();
  const config = JSON.parse(kubectl("config", "view", "--raw", "--minify", "-o", "json"));
  config.users = [{ name: config.contexts[0].context.user, user: { token } }];
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}
