import type { Credentials, TlsOptions } from "./connection.ts";
import type { PluginCredentials } from "./credential-plugin.ts";
import type { Cluster, Entry, User } from "./kubeconfig.ts";
import { KubeconfigError } from "./kubeconfig-error.ts";
import { type PluginSpec, pluginSpec } from "./plugin-spec.ts";
import { bearer, impersonationHeaders, userAuthorization } from "./user-headers.ts";

/** Gives the credentials of one request; see `Connection.credentials`. */
export type CredentialSource = (options: { refresh: boolean; signal: AbortSignal }) => Promise<Credentials>;

/** The same headers for every request. */
export function fixedCredentials(headers: Record<string, string>): CredentialSource {
  return async () => ({ headers });
}

/**
 * The credentials of a user in kubectl's order: token or password, else (without a client certificate) the exec
 * plugin. Plain HTTP carries nothing but impersonation. Throws KubeconfigError when the user's fields contradict.
 */
export function userCredentials(
  user: Entry<User>,
  cluster: Entry<Cluster>,
  { isSecure, tls, env }: { isSecure: boolean; tls: TlsOptions; env: Record<string, string | undefined> },
): CredentialSource {
  const impersonation = impersonationHeaders(user);
  const where = `Kubeconfig "${user.file}": user "${user.name}"`;
  if (user.value["auth-provider"] !== undefined) {
    throw new KubeconfigError(`${where} has an auth-provider, which Kubernetes replaced: use an exec plugin instead`);
  }
  const authorization = userAuthorization(user);
  const spec = pluginSpec(user, cluster, isSecure && !authorization && !tls.cert);
  if (!isSecure) return fixedCredentials(impersonation);
  if (authorization) {
    return async () => {
      const value = authorization();
      return { headers: { ...impersonation, ...(value && { Authorization: value }) } };
    };
  }
  if (tls.cert) return fixedCredentials(impersonation);
  if (spec) return pluginSource(spec, impersonation, env);
  // kubectl would ask for a user name and a password at the terminal.
  throw new KubeconfigError(`${where} has no credentials: set a client certificate, a token or an exec plugin`);
}

// Loaded on first use, because most users have no plugin.
function pluginSource(
  spec: PluginSpec,
  impersonation: Record<string, string>,
  env: Record<string, string | undefined>,
): CredentialSource {
  let plugin: Promise<PluginCredentials> | undefined;
  return async (options) => {
    plugin ??= import("./credential-plugin.ts").then(({ pluginCredentials }) => pluginCredentials(spec, env));
    const { token, clientCertificateData: cert, clientKeyData: key } = await (await plugin)(options);
    const headers = { ...impersonation, ...(token && { Authorization: bearer(token, spec.where) }) };
    return { headers, ...(cert && key && { cert, key }) };
  };
}
