import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { access } from "../../src/provider/access.ts";
import { mergedRules } from "../../src/provider/access-rule.ts";
import { create } from "../conformance/broken-start.ts";
import { clusterStatus } from "../support/cluster.ts";
import { tokenKubeconfig } from "./caller.ts";

/** Circumstances under which the same tests have to pass. */
export interface Condition {
  name: string;
  env: Record<string, string>;
  /** Makes what the circumstances need; returns more environment and what removes it again. */
  prepare?: () => Promise<{ env: Record<string, string>; remove: () => void }>;
}

const LEVEL = "pod-security.kubernetes.io/enforce";

/** What a careful administrator does to a cluster. */
export const CONDITIONS: Condition[] = [
  { name: "the rights of the Role and no other", env: {}, prepare: callerWithTheRole },
  {
    name: "Pod Security restricted",
    env: { GC_TEST_NAMESPACE_LABELS: `${LEVEL}=restricted`, GC_K8S_POD_SECURITY: "restricted" },
  },
  {
    name: "Pod Security restricted and a user id such as OpenShift gives",
    env: {
      GC_TEST_NAMESPACE_LABELS: `${LEVEL}=restricted`,
      GC_K8S_POD_SECURITY: "restricted",
      GC_K8S_RUN_AS_USER: "1000660000",
    },
  },
  { name: "Pod Security baseline and the default settings", env: { GC_TEST_NAMESPACE_LABELS: `${LEVEL}=baseline` } },
];

async function callerWithTheRole() {
  const { kubeconfig, kubectl: program } = await clusterStatus(process.env["GC_TEST_CLUSTER"]);
  const name = `test-caller-${process.pid}`;
  const kubectl = (...args: string[]) => {
    const child = Bun.spawnSync([program, "--kubeconfig", kubeconfig, "-n", name, ...args], { stdin: "ignore" });
    if (child.exitCode !== 0) throw new Error(`kubectl ${args.join(" ")}: ${child.stderr}`);
    return child.stdout.toString();
  };
  const scratch = mkdtempSync(join(tmpdir(), "caller-"));
  const remove = () => {
    rmSync(scratch, { recursive: true });
    kubectl("delete", "clusterrole", name);
    kubectl("delete", "namespace", name, "--wait=false");
  };
  kubectl("create", "namespace", name);
  // A ClusterRole only spares making the same Role in every namespace: it is bound in each, never in the cluster.
  const rules = mergedRules(Object.values(access["gc-session-k8s"] ?? {}).flat());
  create(
    kubectl,
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name } },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name }, rules },
  );
  const env = { GC_TEST_CALLER: name, GC_TEST_CALLER_KUBECONFIG: tokenKubeconfig(kubectl, name, join(scratch, name)) };
  return { env, remove };
}
