import { KubeconfigError } from "./kubeconfig-error.ts";
import { decodeFields, type Fields, isMapping } from "./kubeconfig-fields.ts";
import type { PluginSpec } from "./plugin-spec.ts";

const statusFields = {
  expirationTimestamp: "text",
  token: "text",
  clientCertificateData: "text",
  clientKeyData: "text",
} as const;

/** `status` of an ExecCredential: a token, a certificate with its key (PEM), or both. */
export type ExecCredentialStatus = Fields<typeof statusFields>;

/** The text for KUBERNETES_EXEC_INFO: what the plugin is asked for. */
export function execInfo(spec: PluginSpec): string {
  return JSON.stringify({
    kind: "ExecCredential",
    apiVersion: spec.apiVersion,
    spec: { ...(spec.cluster && { cluster: spec.cluster }), interactive: false },
  });
}

/** Reads what a plugin printed. Throws KubeconfigError, which never quotes it. */
export function parseExecCredential(text: string, { apiVersion, where }: PluginSpec): ExecCredentialStatus {
  const credential = parse(text, where);
  if (!isMapping(credential) || credential["kind"] !== "ExecCredential") {
    throw new KubeconfigError(`${where} did not print an ExecCredential`);
  }
  if (credential["apiVersion"] !== apiVersion) {
    throw new KubeconfigError(`${where} printed another apiVersion than the kubeconfig's ${apiVersion}`);
  }
  if (!isMapping(credential["status"]))
    throw new KubeconfigError(`${where} printed an ExecCredential without a status`);
  const status = decodeFields(credential["status"], statusFields, `${where}: status`);
  if (!status.token && !status.clientCertificateData && !status.clientKeyData) {
    throw new KubeconfigError(`${where} gave neither a token nor a client certificate`);
  }
  if (!status.clientCertificateData !== !status.clientKeyData) {
    throw new KubeconfigError(`${where} gave only one of clientCertificateData and clientKeyData`);
  }
  if (status.expirationTimestamp && Number.isNaN(expiryMs(status))) {
    throw new KubeconfigError(`${where}: expirationTimestamp is not an RFC 3339 time`);
  }
  return status;
}

/** When the credential expires, as milliseconds since 1970: Infinity if it does not say, NaN if that is no RFC 3339 time. */
export function expiryMs({ expirationTimestamp: time }: ExecCredentialStatus): number {
  if (!time) return Number.POSITIVE_INFINITY;
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(time) ? Date.parse(time) : Number.NaN;
}

function parse(text: string, where: string): unknown {
  try {
    return Bun.YAML.parse(text);
  } catch (error) {
    // The parser's own message may quote the credential.
    if (error instanceof Error) throw new KubeconfigError(`${where} printed neither JSON nor YAML`);
    throw error;
  }
}
