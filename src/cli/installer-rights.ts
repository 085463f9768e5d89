import { type AccessRule, mergedRules, type Right, rightName, rightsOf, rule } from "../provider/access-rule.ts";
import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { hasRight } from "./access-review.ts";
import { installation } from "./installation.ts";
import { isForbidden } from "./inventory.ts";
import { KINDS, type Kind } from "./kinds.ts";

/** Of so many missing rights an error gives the names. */
const NAMED = 4;

/** What uninstalling needs in the namespace: to find and remove each kind of object, and what a city leaves. */
export function uninstallerRules(): AccessRule[] {
  return mergedRules([
    ...namespacedKinds().map(({ api, plural }) => rule(groupOf(api), plural, "list", "delete")),
    rule("", "pods", "list", "delete"),
    rule("", "secrets", "get", "delete"),
    rule("", "persistentvolumeclaims", "list", "delete"),
  ]);
}

/** What installing, upgrading and uninstalling need in the namespace: to make and remove each kind of object, and all that
 * the installed Roles give, because Kubernetes lets nobody grant what they have not. */
export function installerRules(): AccessRule[] {
  const objects = installation({ namespace: "gc", city: "default" }, { images: {}, storageClass: "" });
  return mergedRules([
    ...uninstallerRules(),
    ...namespacedKinds().map(({ api, plural }) => rule(groupOf(api), plural, "get", "create", "patch")),
    rule("", "secrets", "create"),
    ...objects.filter(({ kind }) => kind === "Role").flatMap((role) => role["rules"] as AccessRule[]),
  ]);
}

function namespacedKinds(): Kind[] {
  return KINDS.filter(({ isClusterWide }) => !isClusterWide);
}

/** Throws, before anything is changed, when the user lacks a right that the command needs in the middle. */
export async function assertAllowed(
  context: Context,
  namespace: string,
  { verb, rules }: { verb: string; rules: AccessRule[] },
): Promise<void> {
  const missing = await missingRights(context, namespace, rightsOf(rules)).catch((error: unknown) => {
    // Where nobody may ask, the requests themselves tell.
    if (isForbidden(error)) return [];
    throw error;
  });
  if (missing.length === 0) return;
  const names = missing.slice(0, NAMED).map(rightName).join(", ");
  const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : "";
  throw new OperationError(
    `Cannot ${verb} in namespace "${namespace}": the user may not ${names}${more}; nothing was changed. ` +
      'The ClusterRole "admin", bound in the namespace, is enough; docs/installer-role.yaml is the least',
  );
}

async function missingRights(context: Context, namespace: string, rights: Right[]): Promise<Right[]> {
  const allowed = await Promise.all(rights.map((right) => hasRight(context, namespace, right)));
  return rights.filter((_, index) => !allowed[index]);
}

/** `/apis/apps/v1` → `apps`; the core group has none. */
function groupOf(api: string): string {
  return /^\/apis\/([^/]+)\//.exec(api)?.[1] ?? "";
}
