import { access } from "../../provider/access.ts";
import { type Right, rightName, rightsOf } from "../../provider/access-rule.ts";
import { hasRight } from "../access-review.ts";
import { broken, type Check, type Finding, type Patient } from "./check.ts";

/** The user of the kubeconfig has every right that some operation needs. */
export const rights: Check = {
  name: "rights",
  async run(patient) {
    const needed = rightsOf(Object.values(access).flatMap((operations) => Object.values(operations).flat()));
    const allowed = await Promise.all(needed.map((right) => hasRight(patient.context, patient.namespace, right)));
    return needed.filter((_, index) => !allowed[index]).map((right) => missing(patient, right));
  },
};

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
