import { expect, test } from "bun:test";
import { withAdvice } from "./start-advice.ts";

/** Words of Kubernetes that no test on a cluster brings about, or not always. */
test.each<[string, string]>([
  [
    "Evicted: Usage of EmptyDir volume exceeds the limit",
    "the pod needs more storage than it may use; retrying does not help",
  ],
  [
    "Evicted: The node was low on resource: memory.",
    "the node ran short; free what it is short of; a retry can succeed",
  ],
  ["OutOfcpu: Node didn't have enough resource: cpu", "the node refused the pod; a retry can succeed"],
  ["FailedAttachVolume: Multi-Attach error for volume", "look at the volume and at who holds it; a retry can succeed"],
  [
    "CreateContainerConfigError: container has runAsNonRoot and image will run as root",
    "use an image with a numeric user, or another GC_K8S_POD_SECURITY; retrying does not help",
  ],
  [
    'pods "p" is forbidden: failed quota: q: must specify limits.cpu for: agent',
    "the namespace's quota wants what the pod does not set: change one of them; retrying does not help",
  ],
  [
    'persistentvolumeclaims "x" is forbidden: exceeded quota: q, requested: persistentvolumeclaims=1, used: persistentvolumeclaims=1, limited: persistentvolumeclaims=1',
    "delete claims of sessions that are not needed any more, or raise the namespace's quota; retrying does not help",
  ],
  [
    'persistentvolumeclaims "x" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 10Gi',
    "correct GC_K8S_WORKSPACE_SIZE; retrying does not help",
  ],
  [
    'pods "x" is forbidden: maximum ephemeral-storage usage per Container is 1Gi, but limit is 10Gi',
    "correct GC_K8S_STORAGE_REQUEST and GC_K8S_STORAGE_LIMIT; retrying does not help",
  ],
  [
    "StartError (exit code 128): unable to start container process: container init was OOM-killed (memory limit too low?)",
    "raise GC_K8S_MEM_LIMIT; retrying does not help",
  ],
  [
    'Pod "p" is invalid: requests: Invalid value: "2Gi": must be less than or equal to memory limit of 1Gi',
    "correct GC_K8S_CPU_… and GC_K8S_MEM_…; retrying does not help",
  ],
  ["exit code 127", "correct the agent's command or GC_K8S_IMAGE; retrying does not help"],
  ["the server has received too many requests", "the API server is overloaded; a retry can succeed"],
  ["no scheduler has taken the pod up", "look at the cluster's scheduler; a retry can succeed"],
])("%s", (reason, advice) => {
  expect(withAdvice(reason)).toBe(`${reason}; ${advice}`);
});

test("a reason that nobody knows stands alone", () => {
  expect(withAdvice("NewReason: something")).toBe("NewReason: something");
});
