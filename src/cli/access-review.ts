import type { Right } from "../provider/access-rule.ts";
import type { Context } from "../provider/operation.ts";

/** Asks the API server whether the user has the right in the namespace, which need not be there. */
export async function hasRight(
  context: Context,
  namespace: string,
  { group, resource, verb }: Right,
): Promise<boolean> {
  const [name, subresource] = resource.split("/");
  const { status } = await context.client().json<{ status?: { allowed?: boolean } }>({
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: { namespace, verb, group, resource: name, ...(subresource && { subresource }) } },
    },
    what: `ask for the right to ${verb} ${resource}`,
    idempotent: true,
    signal: context.signal,
  });
  return status?.allowed === true;
}
