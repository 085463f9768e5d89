/** Whether the same start can succeed later without anybody's doing. */
const RETRY = "a retry can succeed";
const NO_RETRY = "retrying does not help";

/** What Kubernetes says when a box cannot run, what to do, and whether a retry makes sense; the first row that matches counts. */
const ADVICE: [RegExp, string, typeof RETRY | typeof NO_RETRY][] = [
  // Refused by the API server.
  [
    /exceeded quota.*(persistentvolumeclaims|requests\.storage)/,
    "delete claims of sessions that are not needed any more, or raise the namespace's quota",
    NO_RETRY,
  ],
  [/exceeded quota/, "end other sessions or raise the namespace's quota", RETRY],
  [
    /failed quota: .* must specify/,
    "the namespace's quota wants what the pod does not set: change one of them",
    NO_RETRY,
  ],
  [
    /violates PodSecurity/,
    "set GC_K8S_POD_SECURITY=restricted and these fields in containers of a pod template, or relax the namespace's level",
    NO_RETRY,
  ],
  [/looking up service account/, "create it or correct GC_K8S_SERVICE_ACCOUNT", NO_RETRY],
  [/PriorityClass/, "create it or correct GC_K8S_PRIORITY_CLASS_NAME", NO_RETRY],
  [/RuntimeClass/, "create it or correct GC_K8S_RUNTIME_CLASS_NAME", NO_RETRY],
  [/per PersistentVolumeClaim/, "correct GC_K8S_WORKSPACE_SIZE", NO_RETRY],
  [/ephemeral-storage usage per/, "correct GC_K8S_STORAGE_REQUEST and GC_K8S_STORAGE_LIMIT", NO_RETRY],
  [/per (Container|Pod)|or equal to (cpu|memory) limit/, "correct GC_K8S_CPU_… and GC_K8S_MEM_…", NO_RETRY],
  [/because it is being terminated/, "create the namespace anew, or correct GC_K8S_NAMESPACE", NO_RETRY],
  [/^namespaces "/, "create the namespace or correct GC_K8S_NAMESPACE", NO_RETRY],
  [/ValidatingAdmissionPolicy/, "the policy's words say what it wants of the pod", NO_RETRY],
  [/admission webhook .* denied/, "the webhook's words say what it wants of the pod", NO_RETRY],
  [/failed calling webhook/, "mend the cluster's admission webhook", RETRY],
  [/ cannot \w+ resource /, "grant this to the user in a Role of the namespace", NO_RETRY],
  [/too many requests|timed out|timeout/i, "the API server is overloaded", RETRY],
  // Not taken by a node. Of several nodes' reasons, a lack of room is the one that passes.
  [
    /^Unschedulable.*(Insufficient|Too many pods)/,
    "make room on the nodes, or lower GC_K8S_CPU_REQUEST and GC_K8S_MEM_REQUEST",
    RETRY,
  ],
  [
    /didn't match Pod's node affinity|untolerated taint/,
    "correct GC_K8S_NODE_SELECTOR, GC_K8S_AFFINITY or GC_K8S_TOLERATIONS",
    NO_RETRY,
  ],
  [/^Unschedulable/, "the scheduler's words say what it wants", RETRY],
  [
    /^(ProvisioningFailed|FailedBinding)/,
    "correct GC_K8S_WORKSPACE_CLASS and delete the session's claim, or mend the cluster's storage",
    NO_RETRY,
  ],
  [/^no scheduler/, "look at the cluster's scheduler", RETRY],
  [/^node "/, "look at that node's kubelet", RETRY],
  [
    /^(OutOf|NodeAffinity|NodePorts|UnexpectedAdmissionError|NodeShutdown|Terminated)/,
    "the node refused the pod",
    RETRY,
  ],
  // Not run by its node.
  [
    // As words of their own: registries, images, tags, digests and secrets can be named or numbered like them.
    /^(ErrImagePull|ImagePullBackOff).* (40[13]|denied|(un)?authori[sz](ed?|ation)|(un)?authenticat(ed?|ion)|credentials?|forbidden)(?![\w/@\]-]|[.:]\w)/i,
    "name a secret that may pull the image in GC_K8S_IMAGE_PULL_CREDENTIALS, or correct GC_K8S_IMAGE",
    NO_RETRY,
  ],
  [/^(ErrImagePull|ImagePullBackOff).*not found/, "push the image or correct GC_K8S_IMAGE", NO_RETRY],
  [/^(ErrImagePull|ImagePullBackOff)/, "check GC_K8S_IMAGE and the node's way to its registry", RETRY],
  [/^ErrImageNeverPull/, "load the image on the node or change GC_K8S_IMAGE_PULL_POLICY", NO_RETRY],
  [/^InvalidImageName/, "correct GC_K8S_IMAGE", NO_RETRY],
  [/runAsNonRoot/, "use an image with a numeric user, or another GC_K8S_POD_SECURITY", NO_RETRY],
  [
    /^(CreateContainerConfigError|FailedMount).*not found/,
    "create it, or correct the GC_K8S_…_CREDENTIALS or the template that names it",
    NO_RETRY,
  ],
  [/^(FailedMount|FailedAttachVolume|FailedMapVolume)/, "look at the volume and at who holds it", RETRY],
  [/^FailedCreatePodSandBox/, "look at the node's container runtime and network", RETRY],
  [
    /"?\/bin\/sh"?: (stat|no such file)/,
    "use an image that has sh, bash, tmux, tar, awk and flock as GC_K8S_IMAGE",
    NO_RETRY,
  ],
  [
    /OOMKilled|OOM-killed|container that has stopped|start a stopped process|already dead/,
    "raise GC_K8S_MEM_LIMIT",
    NO_RETRY,
  ],
  [/^Evicted.*exceed/, "the pod needs more storage than it may use", NO_RETRY],
  [/^Evicted/, "the node ran short; free what it is short of", RETRY],
  [
    /No space left on device|Disk quota exceeded/i,
    "the volume or the node's disk is full: stage less or make room",
    NO_RETRY,
  ],
  // Of a container of the pod template.
  [/^Error \(exit code \d+\)$/, "its log and the pod template say why", NO_RETRY],
  // Of the agent itself.
  [/^exit code 126$/, "check the permissions of the agent's command in the image", NO_RETRY],
  [/^exit code 127$/, "correct the agent's command or GC_K8S_IMAGE", NO_RETRY],
  [/^(exit code|signal) /, "what it showed says what to change", NO_RETRY],
];

/** What to do about the reason; undefined where that is not known. */
export function adviceFor(reason: string): string | undefined {
  return rowFor(reason)?.[1];
}

/** Whose reason it is makes no difference. */
function rowFor(reason: string) {
  const own = reason.replace(/^init container "[^"]*": /, "");
  return ADVICE.find(([pattern]) => pattern.test(own));
}

/** The reason with what to do about it, where that is known. */
export function withAdvice(reason: string): string {
  const row = rowFor(reason);
  return row ? `${reason}; ${row[1]}; ${row[2]}` : reason;
}
