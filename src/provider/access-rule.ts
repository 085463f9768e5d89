/** A rule of a Role: what may be done with objects of one resource; field names as on the wire. */
export interface AccessRule {
  apiGroups: string[];
  resources: string[];
  verbs: Verb[];
}

/** What may be done with an object, in the order in which Roles list it. */
export const VERBS = ["get", "list", "watch", "create", "update", "patch", "delete"] as const;

/** One of `VERBS`. */
export type Verb = (typeof VERBS)[number];

/** One right: what SelfSubjectAccessReview asks for. */
export interface Right {
  group: string;
  /** With its subresource, such as `pods/exec`. */
  resource: string;
  verb: Verb;
}

/** The rule for one resource of an API group; "" is the core group. */
export function rule(group: string, resource: string, ...verbs: Verb[]): AccessRule {
  return { apiGroups: [group], resources: [resource], verbs };
}

/** Every right once that the rules give. */
export function rightsOf(rules: AccessRule[]): Right[] {
  const rights = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => ({ group, resource, verb })))),
  );
  return [...new Map(rights.map((right) => [rightName(right), right])).values()];
}

/** The same rights as one rule for each resource. */
export function mergedRules(rules: AccessRule[]): AccessRule[] {
  const byResource = new Map<string, Right[]>();
  for (const right of rightsOf(rules)) {
    const key = `${right.group}/${right.resource}`;
    byResource.set(key, [...(byResource.get(key) ?? []), right]);
  }
  return [...byResource.values()].map((rights) => ({
    apiGroups: [rights[0]?.group ?? ""],
    resources: [rights[0]?.resource ?? ""],
    verbs: VERBS.filter((verb) => rights.some((right) => right.verb === verb)),
  }));
}

/** The right as people say it: `create pods/exec`, `get statefulsets.apps`. */
export function rightName({ group, resource, verb }: Right): string {
  return `${verb} ${resource}${group && `.${group}`}`;
}
