import { findServiceAccount, type ServiceAccount } from "./in-cluster.ts";
import { type Cluster, type Context, type Entry, type Kubeconfig, loadKubeconfig, type User } from "./kubeconfig.ts";
import { KubeconfigError } from "./kubeconfig-error.ts";
import { clusterProxy, environmentProxy, forgetProxyVariables } from "./proxy.ts";
import { parseServerUrl } from "./server-url.ts";
import { tlsMaterial, trustIn } from "./tls-material.ts";
import { type CredentialSource, fixedCredentials, userCredentials } from "./user-credentials.ts";
import { basic, fileToken } from "./user-headers.ts";

export { KubeconfigError } from "./kubeconfig-error.ts";

/** PEM texts and switches for the `tls` option of Bun's fetch and WebSocket. */
export interface TlsOptions {
  ca?: string;
  cert?: string;
  key?: string;
  serverName?: string;
  rejectUnauthorized?: boolean;
}

/** What one request needs to be authenticated: headers, and a client certificate that replaces the one in `tls`. */
export interface Credentials {
  headers: Record<string, string>;
  cert?: string;
  key?: string;
}

/** How to reach one API server as one user. */
export interface Connection {
  /** Base URL without a trailing slash; may have a path. */
  readonly server: string;
  /** The context's namespace, in a pod else the pod's, else "default". */
  readonly namespace: string;
  readonly tls: TlsOptions;
  /** URL of the HTTP proxy for this server, which may hold a password. */
  readonly proxy: string | undefined;
  /**
   * Credentials for one request. `refresh` says that the server answered 401: the plugin runs again. Token files are
   * read each time. Rejects with KubeconfigError, or with the signal's reason.
   */
  credentials(options: { refresh: boolean; signal: AbortSignal }): Promise<Credentials>;
}

/** Where to look for a connection. */
export interface ConnectionOptions {
  /** Name of a context; the kubeconfig's current-context unless set. */
  context?: string;
  /** The one kubeconfig file to read; KUBECONFIG, then ~/.kube/config, unless set. */
  kubeconfig?: string;
  env: Record<string, string | undefined>;
  /** Replaces the folder where a pod's service account is mounted, for tests. */
  serviceAccountFolder?: string;
}

/**
 * The connection that kubectl would use: a context of the kubeconfig files, or the pod's service account when they
 * name no cluster. Throws KubeconfigError. Afterwards the proxy variables are gone from `process.env`: `proxy` says it all.
 */
export function loadConnection(options: ConnectionOptions): Connection {
  const env = { ...options.env };
  forgetProxyVariables();
  const config = loadKubeconfig(options.kubeconfig, env);
  const context = findContext(config, options.context);
  const account = findServiceAccount(env, options.serviceAccountFolder);
  const namespace = context?.value.namespace ?? account?.namespace ?? "default";
  const cluster = context && findCluster(config, context);
  if (cluster) return clusterConnection(cluster, context, findUser(config, context), namespace, env);
  if (account) return serviceAccountConnection(account, namespace, env);
  throw new KubeconfigError(noCluster(config, context));
}

function findContext(config: Kubeconfig, chosen: string | undefined): Entry<Context> | undefined {
  const name = chosen || config.currentContext;
  const context = config.contexts.get(name ?? "");
  if (context || !name) return context;
  const known = [...config.contexts.keys()].map((key) => `"${key}"`).join(", ") || "none";
  const origin = chosen ? "" : " (current-context)";
  throw new KubeconfigError(
    `Cannot use context "${name}"${origin}: ${quotedFiles(config)} has these contexts: ${known}`,
  );
}

function findCluster(config: Kubeconfig, context: Entry<Context>): Entry<Cluster> | undefined {
  const name = context.value.cluster ?? "";
  const cluster = config.clusters.get(name);
  if (cluster || !name) return cluster;
  throw new KubeconfigError(`Cannot use context "${context.name}": ${quotedFiles(config)} has no cluster "${name}"`);
}

function findUser(config: Kubeconfig, context: Entry<Context>): Entry<User> | undefined {
  const name = context.value.user ?? "";
  const user = config.users.get(name);
  if (user || !name) return user;
  throw new KubeconfigError(`Cannot use context "${context.name}": ${quotedFiles(config)} has no user "${name}"`);
}

function clusterConnection(
  cluster: Entry<Cluster>,
  context: Entry<Context>,
  user: Entry<User> | undefined,
  namespace: string,
  env: Record<string, string | undefined>,
): Connection {
  const where = `Kubeconfig "${cluster.file}": cluster "${cluster.name}"`;
  if (!cluster.value.server) throw new KubeconfigError(`${where} has no server: set its URL`);
  const { base, userInfo } = parseServerUrl(cluster.value.server, where);
  const tls = tlsMaterial(cluster, user, env);
  const isSecure = base.startsWith("https:");
  if (isSecure && !user) {
    throw new KubeconfigError(`Cannot use context "${context.name}" of kubeconfig "${context.file}": it names no user`);
  }
  const source = user ? userCredentials(user, cluster, { isSecure, tls, env }) : fixedCredentials({});
  return {
    server: base,
    namespace,
    tls: isSecure ? tls : { rejectUnauthorized: true },
    proxy: clusterProxy(cluster, base, env),
    credentials: userInfo === undefined ? source : withUserInfo(source, userInfo),
  };
}

function serviceAccountConnection(
  account: ServiceAccount,
  namespace: string,
  env: Record<string, string | undefined>,
): Connection {
  const authorization = fileToken(account.tokenFile, undefined, "Service account of this pod");
  const { base } = parseServerUrl(account.server, "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT");
  return {
    server: base,
    namespace,
    tls: trustIn(account.ca, `Service account of this pod: "${account.caFile}"`, env),
    proxy: environmentProxy(base, env),
    credentials: async () => ({ headers: { Authorization: authorization() ?? "" } }),
  };
}

function withUserInfo(source: CredentialSource, userInfo: string): CredentialSource {
  return async (options) => {
    const credentials = await source(options);
    return { ...credentials, headers: { ...credentials.headers, Authorization: basic(userInfo) } };
  };
}

function noCluster(config: Kubeconfig, context: Entry<Context> | undefined): string {
  if (context) return `Cannot use context "${context.name}" of kubeconfig "${context.file}": it names no cluster`;
  if (config.contexts.size > 0) {
    return `Cannot choose a context: ${quotedFiles(config)} sets no current-context: run kubectl config use-context`;
  }
  return `Cannot find a cluster: ${quotedFiles(config)} has none and this is no pod: set KUBECONFIG`;
}

function quotedFiles(config: Kubeconfig): string {
  return `kubeconfig ${config.files.map((file) => `"${file}"`).join(", ")}`;
}
