/** What Kubernetes says when a box cannot run, and what to do; the first row that matches counts.
 * Each advice says whether the same start can succeed later. */
const ADVICE: [RegExp, string][] = [
  [/exceeded quota/, "retry when other sessions have ended, or raise the namespace's quota"],
  [
    /violates PodSecurity/,
    "set GC_K8S_POD_SECURITY=restricted, or relax the namespace's level; retrying does not help",
  ],
  [/looking up service account/, "create it or correct GC_K8S_SERVICE_ACCOUNT; retrying does not help"],
  [/PriorityClass/, "create it or correct GC_K8S_PRIORITY_CLASS_NAME; retrying does not help"],
  [/RuntimeClass/, "create it or correct the pod's runtime class; retrying does not help"],
  [/per (Container|Pod)|cpu limit|memory limit/, "correct GC_K8S_CPU_… and GC_K8S_MEM_…; retrying does not help"],
  [/^namespaces "/, "create the namespace or correct GC_K8S_NAMESPACE; retrying does not help"],
  [/failed calling webhook/, "retry when the cluster's admission webhook answers again"],
  [/admission webhook .* denied/, "see the webhook's words; retrying does not help"],
  [
    /didn't match Pod's node affinity|untolerated taint/,
    "correct GC_K8S_NODE_SELECTOR, GC_K8S_AFFINITY or GC_K8S_TOLERATIONS",
  ],
  [/^Unschedulable/, "retry when nodes have room, or lower GC_K8S_CPU_REQUEST and GC_K8S_MEM_REQUEST"],
  [
    /^(ErrImagePull|ImagePullBackOff)/,
    "check GC_K8S_IMAGE and the node's access to its registry; the node goes on trying",
  ],
  [/^ErrImageNeverPull/, "load the image on the node or change GC_K8S_IMAGE_PULL_POLICY; retrying does not help"],
  [/^InvalidImageName/, "correct GC_K8S_IMAGE; retrying does not help"],
  [/"?\/bin\/sh"?: (stat|no such file)/, "the image needs sh, bash, tmux, tar, awk and flock; retrying does not help"],
  [
    /OOMKilled|container that has stopped|start a stopped process|already dead/,
    "raise GC_K8S_MEM_LIMIT; retrying does not help",
  ],
  [/^CreateContainerConfigError/, "create what the pod refers to"],
];

/** The reason with what to do about it, where that is known. */
export function withAdvice(reason: string): string {
  const row = ADVICE.find(([pattern]) => pattern.test(reason));
  return row ? `${reason}; ${row[1]}` : reason;
}
