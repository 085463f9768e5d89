import { access } from "../../provider/access.ts";
import { type Right, rightName, rightsOf } from "../../provider/access-rule.ts";
import { broken, type Check, type Finding, type Patient } from "./check.ts";

/** The user of the kubeconfig has every right that some operation needs. */
export const rights: Check = {
  name: "rights",
  async run(patient) {
    const needed = rightsOf(Object.values(access).flatMap((operations) => Object.values(operations).flat()));
    const allowed = await Promise.all(needed.map((right) => isAllowed(patient, right)));
    return needed.filter((_, index) => !allowed[index]).map((right) => missing(patient, right));
  },
};

async function isAllowed({ context, namespace }: Patient, { group, resource, verb }: Right): Promise<boolean> {
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

function missing({ namespace }: Patient, right: Right): Finding {
  const users = Object.entries(access)
    .map(([program, operations]) => [program, operationsThatNeed(operations, right)] as const)
    .filter(([, names]) => names.length > 0)
    .map(([program, names]) => `${program} ${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""}`);
  return broken(
    `no right to ${rightName(right)} in namespace "${namespace}": ${users.join("; ")} will fail`,
    `run gc-k8s install and use its ServiceAccount "gc-controller", or grant the user its Roles`,
  );
}

function operationsThatNeed(operations: (typeof access)[string], right: Right): string[] {
  const name = rightName(right);
  return Object.keys(operations).filter((key) =>
    rightsOf(operations[key] ?? []).some((each) => rightName(each) === name),
  );
}
