import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemErrorCode } from "./kubeconfig-error.ts";

/** Where Linux distributions keep the certificate authorities that the system trusts, in the order that Go's crypto/x509 looks. */
const bundleFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * The certificate authorities that the system trusts, as kubectl knows them: PEM, or undefined when the system has
 * none, which leaves Bun's own list. Bun knows the system's list only by a flag of the whole process.
 */
export function systemRoots(env: Record<string, string | undefined>): string | undefined {
  if (process.platform === "darwin") {
    return process.getBuiltinModule("node:tls").getCACertificates("system").join("\n") || undefined;
  }
  const files = env["SSL_CERT_FILE"] ? [env["SSL_CERT_FILE"]] : bundleFiles;
  const bundle = firstReadable(files) ?? "";
  const folders = env["SSL_CERT_DIR"]?.split(":") ?? [];
  return [bundle, ...folders.flatMap(filesIn)].join("\n").trim() || undefined;
}

function firstReadable(files: readonly string[]): string | undefined {
  for (const file of files) {
    const text = readIfPresent(file);
    if (text !== undefined) return text;
  }
  return undefined;
}

function filesIn(folder: string): string[] {
  return namesIn(folder).map((name) => readIfPresent(join(folder, name)) ?? "");
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return [];
  }
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}
