import { ApiError, TransportError } from "../../kube/errors.ts";
import { KubeconfigError } from "../../kube/kubeconfig-error.ts";
import { broken, type Check, doubtful, type Finding } from "./check.ts";

const OLDEST_MINOR = 30;
/** Server times have whole seconds, and an answer takes a while. */
const SKEW_WARNING_MS = 5_000;
const SKEW_ERROR_MS = 60_000;

/** The API server answers and takes our credentials; where it does not, nothing else can be seen. */
export const api: Check = {
  name: "api",
  async run({ context }) {
    try {
      // `/version` may be open to everybody; this is not.
      await context.client().json({
        method: "POST",
        path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        body: {
          apiVersion: "authorization.k8s.io/v1",
          kind: "SelfSubjectAccessReview",
          spec: { resourceAttributes: { verb: "list", resource: "pods" } },
        },
        what: "ask the API server for a right",
        idempotent: true,
        signal: context.signal,
      });
      return [];
    } catch (error) {
      return [unreachable(error)];
    }
  },
};

/** The cluster is new enough, and its clock agrees with ours. */
export const version: Check = {
  name: "version and clock",
  async run({ context }) {
    const client = context.client();
    const began = Date.now();
    const path = "/version";
    const answer = await client.json<Version>({ path, what: "GET version of the API server", signal: context.signal });
    const skewMs = client.serverNowMs === 0 ? 0 : client.serverNowMs - (began + Date.now()) / 2;
    return [...versionFindings(answer), ...clockFindings(skewMs)];
  },
};

interface Version {
  major?: string;
  minor?: string;
  gitVersion?: string;
}

function versionFindings({ major, minor = "", gitVersion = "unknown" }: Version): Finding[] {
  if (Number(major) > 1 || Number.parseInt(minor, 10) >= OLDEST_MINOR) return [];
  return [
    broken(
      `the cluster is Kubernetes ${gitVersion}`,
      `upgrade it to 1.${OLDEST_MINOR} or later: exec over WebSocket needs it`,
    ),
  ];
}

function clockFindings(skewMs: number): Finding[] {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const problem = `this machine's clock and the cluster's differ by ${seconds} s`;
  const fix = "set both by NTP: tokens and ages depend on them";
  if (Math.abs(skewMs) > SKEW_ERROR_MS) return [broken(problem, fix)];
  return Math.abs(skewMs) > SKEW_WARNING_MS ? [doubtful(problem, fix)] : [];
}

function unreachable(error: unknown): Finding {
  if (error instanceof KubeconfigError) return broken(error.message, "correct the kubeconfig, KUBECONFIG or --context");
  if (error instanceof ApiError && error.code === 401)
    return broken(
      `the API server refuses our credentials: ${error.message}`,
      "renew the user's credentials in the kubeconfig",
    );
  if (error instanceof TransportError && /certificate/i.test(error.message))
    return broken(error.message, "correct certificate-authority or tls-server-name in the kubeconfig");
  if (error instanceof TransportError || error instanceof ApiError)
    return broken(
      `the API server gives no answer: ${error.message}`,
      "check the kubeconfig's server, the network and proxies on the way",
    );
  throw error;
}
