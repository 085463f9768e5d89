const GROUP = "rbac.authorization.k8s.io";
const ROLES = `/apis/${GROUP}/v1`;

/** What gives a component of the node a role of its own, by path. */
export function ownRole(user: string, rules: object[]): Record<string, object> {
  const role = { apiVersion: `${GROUP}/v1`, kind: "ClusterRole", metadata: { name: user }, rules };
  return { [`${ROLES}/clusterroles/${user}`]: role, ...bound(user, user) };
}

/** What gives a component of the node a role that there is, by path. */
export function bound(user: string, role: string): Record<string, object> {
  return {
    [`${ROLES}/clusterrolebindings/${user}`]: {
      apiVersion: `${GROUP}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: user },
      roleRef: { apiGroup: GROUP, kind: "ClusterRole", name: role },
      subjects: [{ apiGroup: GROUP, kind: "User", name: user }],
    },
  };
}
