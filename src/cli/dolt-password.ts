import { randomBytes } from "node:crypto";
import { isAlreadyExists } from "../kube/errors.ts";
import type { Context } from "../provider/operation.ts";
import type { Change } from "./apply.ts";
import { MANAGER, Owned } from "./installation.ts";

/** Name of the Secret that `deploy/dolt.yaml` reads. */
export const DOLT_SECRET = "dolt";

/** Makes the Secret with a password for Dolt's root unless it is there: a volume that exists knows the old one. */
export async function ensureDoltPassword(context: Context, namespace: string, isDryRun: boolean): Promise<Change> {
  const made = { kind: "Secret", name: DOLT_SECRET };
  try {
    await context.client().json({
      method: "POST",
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`,
      query: { fieldManager: MANAGER, dryRun: isDryRun ? "All" : undefined },
      body: {
        apiVersion: "v1",
        kind: "Secret",
        metadata: {
          name: DOLT_SECRET,
          labels: { "app.kubernetes.io/name": "dolt", [Owned.managedBy]: MANAGER, [Owned.partOf]: MANAGER },
        },
        type: "Opaque",
        stringData: { password: randomBytes(24).toString("base64url") },
      },
      what: `POST Secret "${DOLT_SECRET}"`,
      // The name is taken once only, so a repetition finds the first one's.
      idempotent: true,
      signal: context.signal,
    });
    return { ...made, change: "created" };
  } catch (error) {
    if (isAlreadyExists(error)) return { ...made, change: "unchanged" };
    throw error;
  }
}
