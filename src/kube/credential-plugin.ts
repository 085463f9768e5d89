import { credentialFile, readCredential, writeCredential } from "./credential-cache.ts";
import { type ExecCredentialStatus, execInfo, expiryMs, parseExecCredential } from "./exec-credential.ts";
import { KubeconfigError } from "./kubeconfig-error.ts";
import { runPlugin } from "./plugin-process.ts";
import type { PluginSpec } from "./plugin-spec.ts";

/** Gives the plugin's credential, running it only when no earlier one is valid or `refresh` says that it was refused. */
export type PluginCredentials = (options: { refresh: boolean; signal: AbortSignal }) => Promise<ExecCredentialStatus>;

/** A kept credential with less time left than this might end before the request does. */
const leastTimeLeftMs = 60_000;

/**
 * The credentials of an exec plugin: this process's, else those that an earlier process kept on disk, else the
 * plugin's. Rejects with KubeconfigError, or with the signal's reason. Calls at the same time share one run.
 */
export function pluginCredentials(spec: PluginSpec, env: Record<string, string | undefined>): PluginCredentials {
  const file = credentialFile(spec, env);
  let held: ExecCredentialStatus | undefined;
  let running: Promise<ExecCredentialStatus> | undefined;
  const run = async (signal: AbortSignal): Promise<ExecCredentialStatus> => {
    const pluginEnv = { ...env, ...spec.env, KUBERNETES_EXEC_INFO: execInfo(spec) };
    const status = parseExecCredential(await runPlugin(spec, pluginEnv, signal), spec);
    await checkKeyPair(status, spec);
    if (file && status.expirationTimestamp && hasTimeLeft(status)) writeCredential(file, spec, status);
    return status;
  };
  return async ({ refresh, signal }) => {
    if (!refresh) {
      if (held && expiryMs(held) > Date.now()) return held;
      const kept = file && readCredential(file, spec);
      if (kept && hasTimeLeft(kept)) {
        held = kept;
        return held;
      }
    }
    running ??= run(signal).finally(() => {
      running = undefined;
    });
    held = await running;
    return held;
  };
}

function hasTimeLeft(status: ExecCredentialStatus): boolean {
  return expiryMs(status) > Date.now() + leastTimeLeftMs;
}

/** Bun reports an unusable certificate as a server that cannot be reached, so it is looked at before. */
async function checkKeyPair(status: ExecCredentialStatus, { where }: PluginSpec): Promise<void> {
  if (!status.clientCertificateData || !status.clientKeyData) return;
  const { tlsProblem } = await import("./tls-problem.ts");
  const problem = tlsProblem({ cert: status.clientCertificateData, key: status.clientKeyData });
  if (problem) throw new KubeconfigError(`${where} gave a ${problem}`);
}
