/** A kind of object that an installation is made of. */
export interface Kind {
  kind: string;
  /** Path of the API group and version. */
  api: string;
  plural: string;
  /** Objects of it stand in no namespace. */
  isClusterWide?: true;
}

/** Every kind that may stand in `deploy/`, in the order in which they are applied; they are removed the other way round. */
export const KINDS: Kind[] = [
  { kind: "Namespace", api: "/api/v1", plural: "namespaces", isClusterWide: true },
  { kind: "ServiceAccount", api: "/api/v1", plural: "serviceaccounts" },
  { kind: "Role", api: "/apis/rbac.authorization.k8s.io/v1", plural: "roles" },
  { kind: "RoleBinding", api: "/apis/rbac.authorization.k8s.io/v1", plural: "rolebindings" },
  { kind: "ConfigMap", api: "/api/v1", plural: "configmaps" },
  { kind: "NetworkPolicy", api: "/apis/networking.k8s.io/v1", plural: "networkpolicies" },
  { kind: "Service", api: "/api/v1", plural: "services" },
  { kind: "StatefulSet", api: "/apis/apps/v1", plural: "statefulsets" },
  { kind: "CronJob", api: "/apis/batch/v1", plural: "cronjobs" },
];

/** Path of the kind's objects, or of one of them. */
export function objectsPath({ api, plural, isClusterWide }: Kind, namespace: string, name?: string): string {
  const place = isClusterWide ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${api}${place}/${plural}${name ? `/${encodeURIComponent(name)}` : ""}`;
}

/** The row of a kind. Throws when `deploy/` has one that the table has not: a mistake of ours that a test finds. */
export function kindNamed(kind: string): Kind {
  const row = KINDS.find((each) => each.kind === kind);
  if (!row) throw new Error(`Cannot install an object of kind "${kind}": it is not in the table of kinds`);
  return row;
}
