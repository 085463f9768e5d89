import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestNamespace } from "../conformance/namespace.ts";

interface Kubeconfig {
  users: { name: string; user: object }[];
  [field: string]: unknown;
}

/** Writes a copy of a kubeconfig, changed, into a directory; returns its path. */
export function changedKubeconfig(path: string, folder: string, change: (config: Kubeconfig) => object): string {
  const config = Bun.YAML.parse(readFileSync(path, "utf8")) as Kubeconfig;
  const copy = join(folder, `kubeconfig-${crypto.randomUUID().slice(0, 8)}`);
  writeFileSync(copy, JSON.stringify({ ...config, ...change(config) }));
  return copy;
}

/** A kubeconfig whose user is a ServiceAccount of the namespace. */
export function userKubeconfig(
  namespace: Pick<TestNamespace, "kubectl" | "env">,
  account: string,
  folder: string,
): string {
  const token = namespace.kubectl("create", "token", account).trim();
  return changedKubeconfig(namespace.env()["KUBECONFIG"] ?? "", folder, ({ users }) => ({
    users: users.map(({ name }) => ({ name, user: { token } })),
  }));
}
