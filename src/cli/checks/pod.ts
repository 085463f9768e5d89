import { ApiError } from "../../kube/errors.ts";
import { UsageError } from "../../provider/errors.ts";
import { adviceFor } from "../../provider/start-advice.ts";
import { doctorPod } from "./box.ts";
import { broken, type Check, type Patient, Unseen } from "./check.ts";

/** The API server takes the real pod: Pod Security, quota, limits, policies and webhooks all say their word. */
export const pod: Check = {
  name: "pod",
  async run(patient) {
    try {
      await dryRun(patient);
      return [];
    } catch (error) {
      if (error instanceof UsageError)
        return [broken(error.message, "correct the setting: gc-k8s settings tells where it stands")];
      if (!(error instanceof ApiError) || error.code === 401 || error.code === 429 || error.code >= 500) throw error;
      if (error.code === 404) throw new Unseen('not looked at: see the check "namespace"', { cause: error });
      const { message = "" } = error.status;
      return [
        broken(
          `a session's pod would be refused: ${message}`,
          adviceFor(message) ?? "the API server's words say what to change",
        ),
      ];
    }
  },
};

async function dryRun({ context, namespace }: Patient): Promise<void> {
  await context.client().json({
    method: "POST",
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
    query: { dryRun: "All" },
    body: doctorPod(context),
    what: "POST pod as a dry run",
    idempotent: true,
    signal: context.signal,
  });
}
