import { type BrokenStart, create, failClearly, NO_RETRY, RETRY, vague } from "./broken-start.ts";
import type { TestNamespace } from "./namespace.ts";
import { rules } from "./rules.ts";
import { until } from "./until.ts";
import { admissionWebhook } from "./webhook.ts";

/** Pods that the API server refuses. */
const REFUSED: BrokenStart[] = [
  {
    what: "a quota that is used up",
    prepare({ kubectl }) {
      kubectl("create", "quota", "q", "--hard=pods=0");
    },
    says: new RegExp(
      `pods "POD" is forbidden: exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0; end other sessions or raise the namespace's quota; ${RETRY}`,
    ),
  },
  {
    what: "a limit range",
    prepare({ kubectl }) {
      const limits = [{ type: "Container", max: { cpu: "100m" } }];
      create(kubectl, { apiVersion: "v1", kind: "LimitRange", metadata: { name: "l" }, spec: { limits } });
    },
    says: new RegExp(
      `pods "POD" is forbidden: maximum cpu usage per Container is 100m, but limit is 2; correct GC_K8S_CPU_… and GC_K8S_MEM_…; ${NO_RETRY}`,
    ),
  },
  {
    what: "Pod Security",
    prepare({ kubectl, env }) {
      kubectl("label", "--overwrite", "namespace", namespaceOf(env()), "pod-security.kubernetes.io/enforce=restricted");
    },
    says: new RegExp(
      `pods "POD" is forbidden: violates PodSecurity "restricted:latest": .+; set GC_K8S_POD_SECURITY=restricted and these fields in containers of a pod template, or relax the namespace's level; ${NO_RETRY}`,
    ),
  },
  {
    what: "an admission policy",
    prepare: ({ kubectl, env }) => policy(kubectl, namespaceOf(env())),
    tidy({ kubectl, env }) {
      kubectl("delete", "validatingadmissionpolicybindings,validatingadmissionpolicies", namespaceOf(env()));
    },
    says: new RegExp(
      `pods "POD" is forbidden: ValidatingAdmissionPolicy '\\S+' with binding '\\S+' denied request: agents are unwelcome; the policy's words say what it wants of the pod; ${NO_RETRY}`,
    ),
  },
  {
    what: "an admission webhook that says no",
    prepare: (namespace) => admissionWebhook(namespace, { denies: "agents are unwelcome" }),
    tidy: removeWebhook,
    says: new RegExp(
      `admission webhook "pods.gc-k8s.test" denied the request: agents are unwelcome; the webhook's words say what it wants of the pod; ${NO_RETRY}`,
    ),
  },
  {
    what: "an admission webhook that does not answer",
    prepare: (namespace) => admissionWebhook(namespace, { denies: undefined }),
    tidy: removeWebhook,
    says: new RegExp(
      `Internal error occurred: failed calling webhook "pods.gc-k8s.test": .*connection refused; mend the cluster's admission webhook; ${RETRY}`,
    ),
  },
  {
    what: "a missing service account",
    env: { GC_K8S_SERVICE_ACCOUNT: "nosuch" },
    says: new RegExp(
      `pods "POD" is forbidden: error looking up service account \\S+/nosuch: serviceaccount "nosuch" absent; create it or correct GC_K8S_SERVICE_ACCOUNT; ${NO_RETRY}`,
    ),
  },
  {
    what: "a missing priority class",
    env: { GC_K8S_PRIORITY_CLASS_NAME: "nosuch" },
    says: new RegExp(
      `pods "POD" is forbidden: no PriorityClass with name nosuch was found; create it or correct GC_K8S_PRIORITY_CLASS_NAME; ${NO_RETRY}`,
    ),
  },
  {
    what: "a missing runtime class",
    env: { GC_K8S_RUNTIME_CLASS_NAME: "nosuch" },
    says: new RegExp(
      `pods "POD" is forbidden: pod rejected: RuntimeClass "nosuch" absent; create it or correct GC_K8S_RUNTIME_CLASS_NAME; ${NO_RETRY}`,
    ),
  },
  {
    what: "a namespace that is being removed",
    async prepare({ kubectl, env }) {
      const finalizers = ["gc-k8s.test/wait"];
      create(kubectl, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "stays", finalizers } });
      kubectl("delete", "namespace", namespaceOf(env()), "--wait=false");
      await until(() => kubectl("get", "namespace", namespaceOf(env()), "-o", "json").includes("Terminating"));
    },
    tidy({ kubectl }) {
      kubectl("patch", "configmap", "stays", "--type=merge", "-p", '{"metadata":{"finalizers":null}}');
    },
    says: new RegExp(
      `pods "POD" is forbidden: unable to create new content in namespace \\S+ because it is being terminated; create the namespace anew, or correct GC_K8S_NAMESPACE; ${NO_RETRY}`,
    ),
  },
];

const NO_NAMESPACE: BrokenStart = {
  what: "a missing namespace",
  env: { GC_K8S_NAMESPACE: "no-such-namespace" },
  says: new RegExp(
    `namespaces "no-such-namespace" absent; create the namespace or correct GC_K8S_NAMESPACE; ${NO_RETRY}`,
  ),
};

rules("start that the API server refuses", {}, [
  {
    title: "a pod that the API server refuses: its reason, the fix and whether to retry, in one line within 10 s",
    check: (gc) => failClearly(gc, REFUSED),
    broken: vague,
    alone: true,
  },
  {
    title: "a namespace that does not exist, for a caller who may know that",
    check: (gc) => failClearly(gc, [NO_NAMESPACE]),
    broken: vague,
  },
]);

function namespaceOf(env: Record<string, string>): string {
  return env["GC_K8S_NAMESPACE"] ?? "";
}

function removeWebhook({ kubectl, env }: TestNamespace): void {
  kubectl("delete", "validatingwebhookconfiguration", namespaceOf(env()));
}

/** A policy of the namespace; it takes effect a moment after it was made. */
async function policy(kubectl: TestNamespace["kubectl"], namespace: string): Promise<undefined> {
  const matchConstraints = {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
  };
  const validations = [{ expression: "false", message: "agents are unwelcome" }];
  const apiVersion = "admissionregistration.k8s.io/v1";
  const metadata = { name: namespace };
  create(
    kubectl,
    { apiVersion, kind: "ValidatingAdmissionPolicy", metadata, spec: { matchConstraints, validations } },
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata,
      spec: { policyName: namespace, validationActions: ["Deny"] },
    },
  );
  await until(() => refuses(kubectl));
}

function refuses(kubectl: TestNamespace["kubectl"]): boolean {
  try {
    kubectl("run", "probe", "--image=none", "--dry-run=server");
    return false;
  } catch (error) {
    return String(error).includes("agents are unwelcome");
  }
}
