import { type Cluster, type Entry, resolvePath, type User } from "./kubeconfig.ts";
import { KubeconfigError, oneLine } from "./kubeconfig-error.ts";
import { certificateAuthority } from "./tls-material.ts";

/** A user's exec credential plugin, ready to be run. */
export interface PluginSpec {
  /** Names file, user and command, for errors. */
  readonly where: string;
  /** A path, or a name to be found on PATH. */
  readonly command: string;
  readonly args: readonly string[];
  /** Set for the plugin on top of the environment; may hold secrets. */
  readonly env: Readonly<Record<string, string>>;
  readonly apiVersion: string;
  readonly installHint: string | undefined;
  /** `spec.cluster` of the ExecCredential that the plugin is given; undefined unless it asks for it. */
  readonly cluster: Record<string, unknown> | undefined;
  /** The server that the credential is for. */
  readonly server: string;
}

const apiGroup = "client.authentication.k8s.io";
/** The name of the cluster extension whose content a plugin gets as `spec.cluster.config`. */
const clusterExtension = `${apiGroup}/exec`;

/** Reads and checks the `exec` part of a user. `isUsed` is false when other credentials come first. Throws KubeconfigError. */
export function pluginSpec(user: Entry<User>, cluster: Entry<Cluster>, isUsed: boolean): PluginSpec | undefined {
  const { exec } = user.value;
  if (!exec) return undefined;
  const where = `Kubeconfig "${user.file}": user "${user.name}": exec`;
  const { command, apiVersion, env = [] } = exec;
  if (!command) throw new KubeconfigError(`${where} has no command`);
  if (apiVersion !== `${apiGroup}/v1` && apiVersion !== `${apiGroup}/v1beta1`) {
    throw new KubeconfigError(
      `${where} has apiVersion "${apiVersion ?? ""}": only ${apiGroup}/v1 and v1beta1 are known`,
    );
  }
  if (env.some(({ name }) => name === "")) throw new KubeconfigError(`${where}: env has an entry without a name`);
  checkInteractiveMode(exec.interactiveMode ?? (apiVersion.endsWith("v1beta1") ? "IfAvailable" : ""), isUsed, where);
  return {
    where: `Kubeconfig "${user.file}": user "${user.name}": plugin "${command}"`,
    command: command.includes("/") ? resolvePath(user, command) : command,
    args: exec.args ?? [],
    env: Object.fromEntries(env.map(({ name, value }) => [name, value])),
    apiVersion,
    installHint: exec.installHint && oneLine(exec.installHint),
    cluster: exec.provideClusterInfo ? clusterInfo(cluster) : undefined,
    server: cluster.value.server ?? "",
  };
}

function checkInteractiveMode(mode: string, isUsed: boolean, where: string): void {
  if (!["Never", "IfAvailable", "Always"].includes(mode)) {
    throw new KubeconfigError(`${where}: interactiveMode is "${mode}": set Never, IfAvailable or Always`);
  }
  if (mode === "Always" && isUsed) {
    throw new KubeconfigError(`${where}: interactiveMode is Always, but there is no terminal here: use another user`);
  }
}

function clusterInfo(cluster: Entry<Cluster>): Record<string, unknown> {
  const fields = cluster.value;
  const ca = certificateAuthority(cluster);
  return {
    server: fields.server,
    ...(fields["tls-server-name"] && { "tls-server-name": fields["tls-server-name"] }),
    ...(fields["insecure-skip-tls-verify"] && { "insecure-skip-tls-verify": true }),
    ...(ca && { "certificate-authority-data": Buffer.from(ca).toString("base64") }),
    ...(fields["proxy-url"] && { "proxy-url": fields["proxy-url"] }),
    ...(fields["disable-compression"] && { "disable-compression": true }),
    config: fields.extensions?.[clusterExtension] ?? null,
  };
}
