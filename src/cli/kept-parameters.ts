import { isNotFound } from "../kube/errors.ts";
import type { Context } from "../provider/operation.ts";
import type { Parameters } from "./install-parameters.ts";
import { PARAMETERS_RECORD } from "./installation.ts";

/** The parameters that the installation in the namespace was made with, so that the next command need not be told again. */
export async function keptParameters(context: Context, namespace: string): Promise<Partial<Parameters>> {
  try {
    const { data } = await context.client().json<{ data?: Record<string, string> }>({
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${PARAMETERS_RECORD}`,
      what: `GET ConfigMap "${PARAMETERS_RECORD}"`,
      signal: context.signal,
    });
    return JSON.parse(data?.["parameters"] ?? "{}") as Partial<Parameters>;
  } catch (error) {
    // What a person has broken in it is made anew.
    if (isNotFound(error) || error instanceof SyntaxError) return {};
    throw error;
  }
}
