import type { Credentials } from "./agent-pod.ts";
import type { JsonObject } from "./strategic-merge.ts";

/** Environment of the agent's container, by references to secrets: Kubernetes gives it to every exec, the agent's launch among
 * them, so no value is in the pod or passes through this process. */
export function credentialEnvironment({ git, env, envFrom }: Credentials): JsonObject {
  const variables = [
    ...(git
      ? [{ name: "GITHUB_TOKEN", valueFrom: { secretKeyRef: { name: git, key: "token", optional: true } } }]
      : []),
    ...Object.entries(env).map(([name, reference]) => {
      const [secret = "", key = ""] = reference.split("/");
      return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
    }),
  ];
  // A variable that is named by itself replaces the default one: two of a name would be a matter of order.
  const named = variables.filter(({ name }, index) => variables.findLastIndex((each) => each.name === name) === index);
  return {
    ...(envFrom.length > 0 && { envFrom: envFrom.map((name) => ({ secretRef: { name } })) }),
    ...(named.length > 0 && { env: named }),
  };
}
