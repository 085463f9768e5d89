import { until } from "../conformance/until.ts";
import { command } from "../settings/command.ts";
import { applyObject } from "./apply-object.ts";
import type { BrokenCluster, Place } from "./broken-cluster.ts";
import { userKubeconfig } from "./user-kubeconfig.ts";

/** Namespaces that do not take what a city needs, and users who may not do it. */
export const brokenByNamespace: BrokenCluster[] = [
  {
    title: "the namespace is absent",
    breakIt: () => ({ env: { GC_K8S_NAMESPACE: "test-absent" } }),
    finds: { check: "namespace", level: "error", says: /"test-absent" is absent/ },
  },
  {
    title: "the namespace is being deleted",
    async breakIt({ fresh }) {
      const { namespace, env } = await fresh();
      const { kubectl } = namespace;
      const name = env["GC_K8S_NAMESPACE"] ?? "";
      kubectl("create", "configmap", "held");
      kubectl("patch", "configmap", "held", "-p", '{"metadata":{"finalizers":["example.com/held"]}}');
      kubectl("delete", "namespace", name, "--wait=false");
      return { env, mend: () => void kubectl("patch", "configmap", "held", "-p", '{"metadata":{"finalizers":null}}') };
    },
    finds: { check: "namespace", level: "error", says: /is being deleted/ },
  },
  {
    title: "Pod Security refuses the pod",
    breakIt: async ({ fresh }) => ({ env: (await fresh(["pod-security.kubernetes.io/enforce=restricted"])).env }),
    finds: { check: "pod", level: "error", says: /violates PodSecurity "restricted/ },
  },
  {
    title: "the quota is used up",
    async breakIt({ fresh }) {
      const { namespace, env } = await fresh();
      namespace.kubectl("create", "quota", "none", "--hard=pods=0");
      // The quota counts once its controller has seen it.
      namespace.kubectl("wait", "quota/none", "--for=jsonpath={.status.hard.pods}=0", "--timeout=30s");
      return { env };
    },
    finds: { check: "pod", level: "error", says: /exceeded quota/ },
  },
  {
    title: "a limit range forbids the pod's limits",
    async breakIt({ fresh }) {
      const { namespace, env } = await fresh();
      const limits = [{ type: "Container", max: { memory: "64Mi" } }];
      applyObject(namespace, { apiVersion: "v1", kind: "LimitRange", metadata: { name: "low" }, spec: { limits } });
      return { env };
    },
    finds: { check: "pod", level: "error", says: /maximum memory usage per Container/ },
  },
  {
    title: "the network does not hold agents back",
    async breakIt({ fresh }) {
      const { namespace, env } = await fresh();
      // As if nobody enforced the one that install makes.
      const open = { podSelector: {}, policyTypes: ["Egress"], egress: [{}] };
      applyObject(namespace, {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: "gc-agent" },
        spec: open,
      });
      return { env };
    },
    finds: { check: "network policy", level: "warning", says: /does not enforce NetworkPolicies/ },
  },
  {
    title: "Dolt is not installed where the settings look for it",
    async breakIt({ fresh }) {
      return { env: (await fresh()).env };
    },
    finds: { check: "dolt server", level: "error", says: /there is no Dolt in namespace/ },
  },
  {
    title: "nothing was installed that keeps agents from the network",
    breakIt: async ({ fresh }) => ({ env: (await fresh()).env }),
    finds: { check: "network policy", level: "warning", says: /"gc-agent" is absent/ },
  },
  {
    title: "a start that was killed left its pod",
    async breakIt({ fresh, env: settings }) {
      const { namespace, env } = await fresh();
      const { stdout } = await command(["pod", "lost", "--dry-run", "-o", "json"], { ...settings, ...env });
      // Its time is over when it is made, as that of a start that nobody finished.
      applyObject(namespace, JSON.parse(stdout));
      // Kubernetes counts whole seconds, and the pod must be older than none.
      await Bun.sleep(1_100);
      return { env };
    },
    finds: { check: "leftovers", level: "warning", says: /were never launched: gc-lost-/ },
  },
  {
    title: "a volume of Dolt waits for a storage class that is absent",
    async breakIt({ fresh }) {
      const { namespace, env } = await fresh();
      const storage = { storageClassName: "absent", resources: { requests: { storage: "1Mi" } } };
      const metadata = { name: "data-dolt-0" };
      const spec = { accessModes: ["ReadWriteOnce"], ...storage };
      applyObject(namespace, { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec });
      return { env };
    },
    finds: { check: "storage", level: "error", says: /"data-dolt-0" is Pending \(storage class absent\)/ },
  },
  {
    title: "the beads runner's image is on no node",
    async breakIt({ fresh }) {
      const { namespace, env } = await fresh();
      applyObject(namespace, runnerWithImage("local/absent:1"));
      const pod = () => namespace.kubectl("get", "pods", "-o", "jsonpath={..state.waiting.reason}");
      await until(() => pod() === "ErrImageNeverPull", 30_000);
      return { env };
    },
    finds: { check: "beads runner", level: "warning", says: /does not run: ErrImageNeverPull/ },
  },
  ...["create pods", "delete pods", "watch pods", "list configmaps", "create statefulsets.apps", "get pods/log"].map(
    without,
  ),
];

/** The runner of city "test", as `gc-beads-k8s start` makes it but for what it runs. */
function runnerWithImage(image: string): object {
  const labels = { app: "gc-beads-runner", "gc-city": "test" };
  const containers = [{ name: "runner", image, imagePullPolicy: "Never" }];
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "gc-beads-runner-test", labels },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}

/** The user has every right of the controller but this one. */
function without(right: string): BrokenCluster {
  const [verb = "", name = ""] = right.split(" ");
  const resource = name.replace(/\..*/, "");
  return {
    title: `the user may not ${right}`,
    async breakIt(place) {
      const account = `no-${verb}-${resource.replace("/", "-")}`;
      const { kubectl } = place.healthy;
      kubectl("create", "serviceaccount", account);
      const rules = controllerRules(place).map((rule) =>
        rule.resources.includes(resource) ? { ...rule, verbs: rule.verbs.filter((each) => each !== verb) } : rule,
      );
      const rbac = "rbac.authorization.k8s.io";
      applyObject(place.healthy, {
        apiVersion: `${rbac}/v1`,
        kind: "Role",
        metadata: { name: account },
        rules: rules.filter(({ verbs }) => verbs.length > 0),
      });
      kubectl(
        "create",
        "rolebinding",
        account,
        `--role=${account}`,
        `--serviceaccount=${place.env["GC_K8S_NAMESPACE"]}:${account}`,
      );
      return { env: { KUBECONFIG: userKubeconfig(place.healthy, account, place.scratch) } };
    },
    finds: { check: "rights", level: "error", says: new RegExp(`no right to ${right} `) },
  };
}

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

function controllerRules({ healthy }: Place): Rule[] {
  const names = ["gc-session-k8s", "gc-beads-k8s", "gc-events-k8s"];
  const roles = JSON.parse(healthy.kubectl("get", "roles", ...names, "-o", "json")) as { items: { rules: Rule[] }[] };
  return roles.items.flatMap(({ rules }) => rules);
}
