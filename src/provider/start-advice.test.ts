import { describe, expect, test } from "bun:test";
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

const WAY = "check GC_K8S_IMAGE and the node's way to its registry; a retry can succeed";
const CREDENTIALS =
  "name a secret that may pull the image in GC_K8S_IMAGE_PULL_CREDENTIALS, or correct GC_K8S_IMAGE; retrying does not help";
const PULL = "failed to pull and unpack image";

describe("an image that cannot be pulled: the registry's words count, names and numbers do not", () => {
  test.each<[string, string]>([
    [`${PULL} "r.io/a:1": pulling from host r.io failed with status code [manifests 1]: 401 Unauthorized`, CREDENTIALS],
    [`${PULL} "r.io/a:1": unexpected status from HEAD request to https://r.io/v2/a/manifests/1: 403`, CREDENTIALS],
    [`${PULL} "a": pull access denied, repository does not exist or may require authorization`, CREDENTIALS],
    ["reading manifest 1 in r.io/a: unauthorized: access to the requested resource", CREDENTIALS],
    ["failed to resolve reference: no basic auth credentials", CREDENTIALS],
    ["user is not authorized to perform: BatchGetImage", CREDENTIALS],
    [`failed to authorize: failed to fetch oauth token: Get "https://r.io": 400 Bad Request`, CREDENTIALS],
    [`${PULL} "localhost:34037/a:1": pulling from host localhost:34037 failed with status code [x 1]: 500 No`, WAY],
    [`${PULL} "r.io/a:403": pulling from host r.io:401 failed with status code [manifests 403]: 502 Bad Gateway`, WAY],
    [`Back-off pulling image "r.io/authorization:1": dial tcp 10.40.3.1:4013: connect: connection refused`, WAY],
    [`${PULL} "r.io/a@sha256:4030": dial tcp: lookup denied.r.io on 10.0.0.1:53: server misbehaving`, WAY],
    ["x (Unable to retrieve some image pull secrets (forbidden, credentials-of-r)): connection refused", WAY],
  ])("%s", (message, advice) => {
    for (const reason of ["ErrImagePull", "ImagePullBackOff"])
      expect(withAdvice(`${reason}: ${message}`)).toBe(`${reason}: ${message}; ${advice}`);
  });
});

test("a reason that nobody knows stands alone", () => {
  expect(withAdvice("NewReason: something")).toBe("NewReason: something");
});
