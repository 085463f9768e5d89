import { installerRules } from "../src/cli/installer-rights.ts";
import { access } from "../src/provider/access.ts";
import { mergedRules } from "../src/provider/access-rule.ts";

/** A ServiceAccount and the operations that whoever runs as it may run; none = no right at all. */
interface Account {
  name: string;
  /** Why it is there, for the file's readers. */
  purpose: string;
  /** Program → its operations; `all` of them. */
  may: Record<string, string[] | "all">;
  /** Pods that run as it get its token. */
  hasToken: boolean;
}

/** Accounts of `deploy/rbac.yaml`. */
const ACCOUNTS: Account[] = [
  {
    name: "gc-controller",
    purpose: "gc itself: sessions, beads and events",
    may: { "gc-session-k8s": "all", "gc-beads-k8s": "all", "gc-events-k8s": "all" },
    hasToken: true,
  },
  { name: "gc-agent", purpose: "agents: they ask nothing of the API", may: {}, hasToken: false },
];

const LABELS = { "app.kubernetes.io/part-of": "gc-k8s" };

const HEAD = `# Who may do what: made from src/provider/access.ts by npm run docs.
#
# One ServiceAccount and one Role for each program that it runs; nothing cluster-wide, no wildcard.
`;

/** Text of `deploy/rbac.yaml`. */
export function rbacManifest(): string {
  const objects = ACCOUNTS.flatMap((account) => [
    `# ${account.name} is ${account.purpose}\n${yaml(serviceAccount(account))}`,
    ...Object.entries(account.may).flatMap(([program, operations]) => [
      yaml(role(program, operations)),
      yaml(roleBinding(program, account.name)),
    ]),
  ]);
  return `${HEAD}---\n${objects.join("---\n")}`;
}

/** Text of `docs/installer-role.yaml`. */
export function installerRole(): string {
  return `# What whoever runs gc-k8s install, upgrade or uninstall has to be allowed in the namespace, at the least: made by npm run docs.
#
#   kubectl -n gc apply -f installer-role.yaml
#   kubectl -n gc create rolebinding gc-k8s-installer --role=gc-k8s-installer --user=NAME
#
# The namespace itself has to be there, or the user may create namespaces, too. Whoever may do this may do there whatever
# agents and gc may do: Kubernetes lets nobody grant what they have not.
${yaml({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "Role",
  metadata: { name: "gc-k8s-installer", labels: { "app.kubernetes.io/name": "gc-k8s-installer", ...LABELS } },
  rules: installerRules(),
})}`;
}

function yaml(object: object): string {
  return `${Bun.YAML.stringify(object, null, 2)}\n`;
}

function serviceAccount({ name, hasToken }: Account): object {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, labels: { "app.kubernetes.io/name": name, ...LABELS } },
    ...(!hasToken && { automountServiceAccountToken: false }),
  };
}

function role(program: string, operations: string[] | "all"): object {
  const table = access[program] ?? {};
  const names = operations === "all" ? Object.keys(table) : operations;
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: program, labels: { "app.kubernetes.io/name": program, ...LABELS } },
    rules: mergedRules(names.flatMap((name) => table[name] ?? [])),
  };
}

function roleBinding(program: string, account: string): object {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: program, labels: { "app.kubernetes.io/name": program, ...LABELS } },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: program },
    subjects: [{ kind: "ServiceAccount", name: account, namespace: "gc" }],
  };
}
