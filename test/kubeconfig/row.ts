/** Objects of a kubeconfig under their wire names. */
type Mapping = Record<string, unknown>;

/**
 * One situation in which kubectl and our client are compared. Texts may hold {{server}} (URL of the HTTPS server),
 * {{https}}, {{http}}, {{proxy}}, {{secureProxy}} (ports), {{folder}} (the row's own) and {{file FILE}} and {{base64 FILE}} (a certificate file). Every secret has
 * "hush" in it, so that the test can see one leak. The row's folder is the working directory, with the certificates in pki/.
 */
export interface Row {
  name: string;
  /** Cluster, user and context of the file "config", which is KUBECONFIG unless `env` sets it. Absent parts are the usual ones. */
  config?: { cluster?: Mapping; user?: Mapping | null; context?: Mapping };
  /** Files by path; a name that ends with .sh is executable. */
  files?: Record<string, string>;
  env?: Record<string, string>;
  options?: { context?: string; kubeconfig?: string };
  /** Runs both as in a pod, with these files as the service account. */
  pod?: Record<string, string>;
  /** Both are answered with the same request, or both fail. */
  expect: "answered" | "refused";
  /** Set where our client fails although kubectl is answered, with the reason for it. */
  differs?: string;
  /** What our error says. */
  says?: RegExp;
}

/** A complete kubeconfig as JSON (which is YAML) with one context "x" of cluster "c" and user "u". */
export function configText({ cluster, user, context }: NonNullable<Row["config"]> = {}): string {
  const entry = { cluster: "c", user: "u", ...context };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "x",
    contexts: [{ name: "x", context: entry }],
    clusters: [{ name: "c", cluster: { server: "{{server}}", "certificate-authority": "pki/ca.crt", ...cluster } }],
    users: user === null ? [] : [{ name: "u", user: user ?? { token: "hush-token" } }],
  });
}
