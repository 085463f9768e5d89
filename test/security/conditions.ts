import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { access } from "../../src/provider/access.ts";
import { mergedRules } from "../../src/provider/access-rule.ts";
import { create } from "../conformance/broken-start.ts";
import { chanceOf } from "../fault/chance.ts";
import { clusterStatus } from "../support/cluster.ts";
import { tokenKubeconfig } from "./caller.ts";

/** Circumstances under which the same tests have to pass. */
export interface Condition {
  name: string;
  env: Record<string, string>;
  /** Titles of rules that cannot hold there, and why. */
  without: Record<string, string>;
  /** Runs these rules alone. */
  only?: string[];
  /** Makes what the circumstances need; returns more environment and what removes it again. */
  prepare?: () => Promise<{ env: Record<string, string>; remove: () => void }>;
}

/** OpenShift gives each namespace a block of 10,000 user ids from 1,000,000,000 on. */
const HIGH_USER = String(1_000_000_000 + 10_000 * chanceOf("user-id").below(100_000));

const OWN_POD = "a pod that the test itself makes, and no box, breaks the level";
const NOT_BASELINE = {
  "an image that cannot be pulled or run: the runtime's words, the fix and whether to retry, within 10 s": OWN_POD,
};
/** What reads more than the namespace where it may, and does without where it may not. */
const NOT_IN_A_ROLE = {
  "a namespace that does not exist, for a caller who may know that":
    "who has rights in one namespace alone is told of any other that it is forbidden",
  "a pod that no node takes or brings up: the scheduler's, the node's or the kubelet's words, within 10 s":
    "it tells what a node says, and no Role of a namespace lets read nodes",
};
const NOT_RESTRICTED = {
  ...NOT_BASELINE,
  "names the programs that the image lacks": "a container of its pod template breaks the level",
  "env.tooling is declared only where it is set, and then gc, bd and git are there":
    "a container of its pod template breaks the level",
  "a start that does not ask for the level is refused there with the admission's words": "here each start asks for it",
  "a pod that the API server refuses: its reason, the fix and whether to retry, in one line within 10 s": OWN_POD,
  "of a hostile box write nothing outside of their directory, and the session is stopped all the same":
    "its box runs as root",
  "of a file that becomes shorter while it is read have the bytes that were there, and the others come whole":
    "its box runs as root",
  "names programs that do not take the options which a box is driven with":
    "a container of its pod template breaks the level",
  "a session whose box was killed as a whole tells when, and has no metadata any more": OWN_POD,
};
/** What tells of the image's own user. */
const OF_THE_USER = {
  "env.identity: the box knows its session and its user": "such a user has no name",
  "gives the agent its environment, byte for byte, and none of the controller's own": "its HOME is the image's",
  "is the image's own where its user can write there, whatever the controller's is, and tools' directories follow it":
    "such a user cannot write there",
  "is writable where the namespace enforces the Pod Security level restricted": "it names the image's user",
  "an image that holds the workspace keeps it: nothing is mounted there and nothing is staged":
    "such a user cannot write there",
};

/** What careful administrators do to a cluster. The Role stands beside the default settings: what a caller may do, and
 * what a pod may be, are refused apart from each other and in words of their own. */
export const CONDITIONS: Condition[] = [
  {
    name: "the rights of the Role and no other, Pod Security baseline, and the default settings",
    env: enforced("baseline"),
    without: { ...NOT_BASELINE, ...NOT_IN_A_ROLE },
    prepare: callerWithTheRole,
  },
  {
    name: `Pod Security restricted and user ${HIGH_USER}, such as OpenShift gives`,
    env: { ...enforced("restricted"), GC_K8S_POD_SECURITY: "restricted", GC_K8S_RUN_AS_USER: HIGH_USER },
    without: { ...NOT_RESTRICTED, ...OF_THE_USER },
  },
  {
    name: "Pod Security restricted and the image's own user, as far as the user is what they are about",
    env: { ...enforced("restricted"), GC_K8S_POD_SECURITY: "restricted" },
    without: {},
    only: Object.keys(OF_THE_USER),
  },
];

function enforced(level: string): Record<string, string> {
  return { GC_TEST_NAMESPACE_LABELS: `pod-security.kubernetes.io/enforce=${level}` };
}

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
