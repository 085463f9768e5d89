import { expect } from "bun:test";
import { type BrokenStart, failClearly, NO_RETRY, RETRY, vague } from "./broken-start.ts";
import { testNamespace } from "./namespace.ts";
import { type Gc, rules } from "./rules.ts";
import { agentStatus, onlyThere, removeNode, reportEvent, silentNode } from "./silent-node.ts";
import { until } from "./until.ts";

/** Pods that no node takes or brings up. */
const ON_NO_NODE: BrokenStart[] = [
  {
    what: "a request that no node can hold",
    env: { GC_K8S_CPU_REQUEST: "900", GC_K8S_CPU_LIMIT: "900" },
    says: new RegExp(
      `pod "POD": Unschedulable: 0/\\d+ nodes are available: .*Insufficient cpu.*; make room on the nodes, or lower GC_K8S_CPU_REQUEST and GC_K8S_MEM_REQUEST; ${RETRY}`,
    ),
  },
  {
    what: "a node selector that no node has",
    env: { GC_K8S_NODE_SELECTOR: '{"no":"such"}' },
    says: new RegExp(
      `pod "POD": Unschedulable: 0/\\d+ nodes are available: .*didn't match Pod's node affinity/selector.*; correct GC_K8S_NODE_SELECTOR, GC_K8S_AFFINITY or GC_K8S_TOLERATIONS; ${NO_RETRY}`,
    ),
  },
  {
    what: "a taint that is not tolerated",
    prepare: (namespace) => {
      const { GC_K8S_NODE_SELECTOR } = silentNode(namespace, "True");
      return { GC_K8S_NODE_SELECTOR };
    },
    tidy: removeNode,
    says: new RegExp(
      `pod "POD": Unschedulable: 0/\\d+ nodes are available: .*untolerated taint.*; correct GC_K8S_NODE_SELECTOR, GC_K8S_AFFINITY or GC_K8S_TOLERATIONS; ${NO_RETRY}`,
    ),
  },
  {
    what: "a node that is known not to report",
    prepare: (namespace) => silentNode(namespace, "Unknown"),
    tidy: removeNode,
    says: new RegExp(
      `pod "POD": node "test-\\S+" has not reported since \\S+Z: NodeStatusUnknown: Kubelet stopped posting node status.; look at that node's kubelet; ${RETRY}`,
    ),
  },
  {
    what: "a node that has just fallen silent",
    prepare: (namespace) => silentNode(namespace, "True"),
    tidy: removeNode,
    says: new RegExp(
      `pod "POD": node "test-\\S+" has not taken up the pod that it was given at \\S+Z; look at that node's kubelet; ${RETRY}`,
    ),
  },
  {
    what: "a secret volume without its secret",
    env: { GC_K8S_FILE_CREDENTIALS: '{"/etc/agent":"nosuch"}' },
    says: new RegExp(
      `pod "POD": FailedMount: MountVolume.SetUp failed for volume "\\S+" : secret "nosuch" absent; create it, or correct the GC_K8S_…_CREDENTIALS or the template that names it; ${NO_RETRY}`,
    ),
  },
  {
    what: "a claim of a storage class that there is not",
    env: { GC_K8S_WORKSPACE: "claim", GC_K8S_WORKSPACE_CLASS: "nosuch" },
    says: new RegExp(
      `pod "POD": ProvisioningFailed: storageclass.storage.k8s.io "nosuch" [^;]*; correct GC_K8S_WORKSPACE_CLASS and delete the session's claim, or mend the cluster's storage; ${NO_RETRY}`,
    ),
  },
  {
    what: "a variable out of a missing secret",
    env: { GC_K8S_ENV_CREDENTIALS: '{"A":"nosuch/key"}' },
    says: new RegExp(
      `pod "POD": CreateContainerConfigError: secret "nosuch" absent; create it, or correct the GC_K8S_…_CREDENTIALS or the template that names it; ${NO_RETRY}`,
    ),
  },
];

rules("start that no node brings up", {}, [
  {
    title: "a pod that no node takes or brings up: the scheduler's, the node's or the kubelet's words, within 10 s",
    check: (gc) => failClearly(gc, ON_NO_NODE),
    broken: vague,
    alone: true,
  },
  {
    title: "a slow pull is waited for, and a pull that then fails is told",
    async check(gc) {
      await withPlayedKubelet(gc, async ({ play, event, outcome, isOver }) => {
        const waiting = { reason: "ContainerCreating" };
        play({ startTime: new Date().toISOString(), containerStatuses: [agentStatus({ waiting })] });
        event("Normal", "Pulling", "Pulling image of 9 GB");
        await Bun.sleep(9_000);
        expect(isOver()).toBe(false);
        const failed = { reason: "ErrImagePull", message: "manifest unknown" };
        play({ containerStatuses: [agentStatus({ waiting: failed })] });
        const { stderr } = await outcome;
        expect(stderr).toMatch(/: ErrImagePull: manifest unknown; check GC_K8S_IMAGE .*; a retry can succeed\n$/);
      });
    },
    broken: vague,
  },
  {
    title: "a start over a pod that a silent node does not give up says so within 10 s, and removes nothing by force",
    async check(gc) {
      await withPlayedKubelet(gc, async ({ kubectl, session, env, play, outcome }) => {
        play({ startTime: new Date().toISOString(), containerStatuses: [agentStatus({ running: {} })] });
        kubectl("delete", "pods", "--all", "--wait=false", "--grace-period=600");
        await outcome;
        const { exit, stderr, ms } = await gc.call("start", [session], "{}", env);
        expect({ exit, isInTime: ms < 11_000 }).toEqual({ exit: 1, isInTime: true });
        expect(stderr).toMatch(/is deleted but still terminating on node "test-\S+" after 8 s; if that node is lost/);
        expect(kubectl("get", "pods", "-o", "name")).not.toBe("");
      });
    },
    broken: vague,
  },
  {
    title: "what only the pod's events say is told, too",
    async check(gc) {
      await withPlayedKubelet(gc, async ({ play, event, outcome }) => {
        play({ startTime: new Date().toISOString() });
        event("Warning", "FailedCreatePodSandBox", "the network is not ready");
        const { exit, stderr } = await outcome;
        expect(exit).toBe(1);
        expect(stderr).toMatch(
          /: FailedCreatePodSandBox: the network is not ready; look at the node's container runtime and network; a retry/,
        );
      });
    },
    broken: vague,
  },
]);

interface PlayedKubelet {
  kubectl: Gc["kubectl"];
  session: string;
  env: Record<string, string>;
  /** Changes the status of the pod that is being started. */
  play: (status: object) => void;
  /** Reports an Event of it. */
  event: (type: string, reason: string, message: string) => void;
  outcome: ReturnType<Gc["call"]>;
  isOver: () => boolean;
}

/** Starts a session on a node of the test's own, where `act` does what a kubelet would. */
async function withPlayedKubelet(gc: Gc, act: (kubelet: PlayedKubelet) => Promise<void>): Promise<void> {
  const namespace = testNamespace();
  const { kubectl } = namespace;
  await namespace.create();
  const name = namespace.env()["GC_K8S_NAMESPACE"] ?? "";
  try {
    const env = { ...silentNode(namespace, "True"), ...onlyThere(name), GC_K8S_NAMESPACE: name };
    let over = false;
    const session = gc.name();
    const outcome = gc.call("start", [session], "{}", env).finally(() => {
      over = true;
    });
    const pods = () => JSON.parse(kubectl("get", "pods", "-o", "json")).items;
    await until(() => over || pods()[0]?.spec.nodeName === name);
    const { name: pod, uid } = pods()[0]?.metadata ?? { name: "none", uid: "none" };
    const play = (changed: object) =>
      void kubectl("patch", "pod", pod, "--subresource=status", "-p", JSON.stringify({ status: changed }));
    const event = (type: string, reason: string, message: string) =>
      reportEvent(kubectl, { name: pod, namespace: name, uid }, { type, reason, message });
    await act({ kubectl, session, env, play, event, outcome, isOver: () => over });
  } finally {
    removeNode(namespace);
    await namespace.remove();
  }
}
