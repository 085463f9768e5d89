import type { TlsOptions } from "./connection.ts";
import { type Cluster, type Entry, readNamedFile, resolvePath, type User } from "./kubeconfig.ts";
import { KubeconfigError } from "./kubeconfig-error.ts";
import { systemRoots } from "./system-roots.ts";

type Environment = Record<string, string | undefined>;

/** How to trust an HTTPS server and how to be known to it. Reads the files at once; throws KubeconfigError. */
export function tlsMaterial(cluster: Entry<Cluster>, user: Entry<User> | undefined, env: Environment): TlsOptions {
  const serverName = cluster.value["tls-server-name"];
  return {
    ...serverTrust(cluster, env),
    ...(serverName !== undefined && { serverName }),
    ...(user && clientCertificate(user)),
  };
}

/** The PEM text of a cluster's own certificate authority, undefined if it names none. Throws KubeconfigError. */
export function certificateAuthority(cluster: Entry<Cluster>): string | undefined {
  const where = `Kubeconfig "${cluster.file}": cluster "${cluster.name}"`;
  const { "certificate-authority-data": data, "certificate-authority": path } = cluster.value;
  if (data === undefined) {
    return path && readNamedFile(resolvePath(cluster, path), `${where}: certificate-authority`);
  }
  if (path === undefined) return data;
  throw new KubeconfigError(`${where} has certificate-authority and certificate-authority-data: remove one of them`);
}

function serverTrust(cluster: Entry<Cluster>, env: Environment): TlsOptions {
  const where = `Kubeconfig "${cluster.file}": cluster "${cluster.name}"`;
  const ca = certificateAuthority(cluster);
  if (!cluster.value["insecure-skip-tls-verify"]) return trustIn(ca, `${where}: certificate-authority`, env);
  if (ca === undefined) return { rejectUnauthorized: false };
  throw new KubeconfigError(`${where} has insecure-skip-tls-verify and a certificate authority: remove one of them`);
}

/**
 * Trust in the certificates of a PEM text, or in those of the system when there is none. `rejectUnauthorized` is
 * always set, because NODE_TLS_REJECT_UNAUTHORIZED decides where it is not.
 */
export function trustIn(ca: string | undefined, where: string, env: Environment): TlsOptions {
  if (ca && !hasCertificate(ca)) throw new KubeconfigError(`${where} holds no PEM certificate`);
  const roots = ca || systemRoots(env);
  return { rejectUnauthorized: true, ...(roots && { ca: roots }) };
}

function clientCertificate(user: Entry<User>): TlsOptions {
  const { value: fields } = user;
  const where = `Kubeconfig "${user.file}": user "${user.name}"`;
  if (!fields["client-certificate"] && !fields["client-certificate-data"]) return {};
  for (const name of ["client-certificate", "client-key"] as const) {
    if (fields[name] && fields[`${name}-data`]) {
      throw new KubeconfigError(`${where} has ${name} and ${name}-data: remove one of them`);
    }
  }
  const cert = fields["client-certificate-data"] ?? readUserFile(user, "client-certificate", where);
  const key = fields["client-key-data"] ?? readUserFile(user, "client-key", where);
  if (!hasCertificate(cert)) throw new KubeconfigError(`${where}: client-certificate holds no PEM certificate`);
  if (!hasPrivateKey(key)) throw new KubeconfigError(`${where}: client-key holds no unencrypted PEM private key`);
  return { cert, key };
}

function readUserFile(user: Entry<User>, field: "client-certificate" | "client-key", where: string): string {
  const path = user.value[field];
  if (!path) throw new KubeconfigError(`${where} has a client certificate but no client-key or client-key-data`);
  return readNamedFile(resolvePath(user, path), `${where}: ${field}`);
}

/** Whether the text has a PEM certificate in it. */
export function hasCertificate(text: string): boolean {
  return /^-----BEGIN CERTIFICATE-----$/m.test(text.replaceAll("\r", ""));
}

/** Whether the text has a PEM private key in it that needs no passphrase. */
export function hasPrivateKey(text: string): boolean {
  return /^-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----$/m.test(text.replaceAll("\r", "")) && !/ENCRYPTED/.test(text);
}
