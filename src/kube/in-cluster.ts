import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { systemErrorCode } from "./kubeconfig-error.ts";

type Environment = Record<string, string | undefined>;

/** Where the kubelet mounts a pod's service account. */
const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** What a pod is given to reach its API server. */
export interface ServiceAccount {
  readonly server: string;
  readonly namespace: string;
  /** PEM; undefined when it is not mounted. */
  readonly ca: string | undefined;
  readonly caFile: string;
  readonly tokenFile: string;
}

/** The service account of the pod that this process runs in, or undefined outside a pod. `folder` replaces the mount in tests. */
export function findServiceAccount(env: Environment, folder = serviceAccountFolder): ServiceAccount | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  const tokenFile = join(folder, "token");
  if (!host || !port || !isFile(tokenFile)) return undefined;
  const caFile = join(folder, "ca.crt");
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    // POD_NAMESPACE first is kubectl's rule.
    namespace: env["POD_NAMESPACE"] || readIfMounted(join(folder, "namespace"))?.trim() || "default",
    ca: readIfMounted(caFile),
    caFile,
    tokenFile,
  };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
}

function readIfMounted(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}
