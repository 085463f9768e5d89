import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { type ExecCredentialStatus, execInfo, parseExecCredential } from "./exec-credential.ts";
import { KubeconfigError, systemErrorCode } from "./kubeconfig-error.ts";
import type { PluginSpec } from "./plugin-spec.ts";

type Environment = Record<string, string | undefined>;

/** Variables that differ between two calls of the same user and say nothing of who the user is. */
const passingVariables = ["_", "PWD", "OLDPWD", "SHLVL", "TERM", "COLUMNS", "LINES", "TMUX", "TMUX_PANE", "WINDOWID"];

/**
 * The file that keeps the credential of a plugin between processes, undefined without a home. Plugin, cluster and the
 * environment that the plugin sees (such as AWS_PROFILE) decide on its name: one that differs is another credential.
 */
export function credentialFile(spec: PluginSpec, env: Environment): string | undefined {
  const xdg = env["XDG_CACHE_HOME"];
  const cache = xdg && isAbsolute(xdg) ? xdg : env["HOME"] && join(env["HOME"], ".cache");
  if (!cache) return undefined;
  const seen = Object.entries(env).filter(([name, value]) => value !== undefined && !passingVariables.includes(name));
  const identity = [spec.server, spec.command, spec.args, execInfo(spec), Object.entries(spec.env), seen.sort()];
  const digest = new Bun.CryptoHasher("sha256").update(JSON.stringify(identity)).digest("hex");
  return join(cache, "gc-k8s", "credentials", digest);
}

/** The kept credential, or undefined when there is none that only this user can have written and read. */
export function readCredential(file: string, spec: PluginSpec): ExecCredentialStatus | undefined {
  const text = readPrivateFile(file);
  if (text === undefined) return undefined;
  try {
    return parseExecCredential(text, spec);
  } catch (error) {
    // Cut short or from another version: as good as none, the plugin gives a new one.
    if (error instanceof KubeconfigError) return undefined;
    throw error;
  }
}

/** Keeps a credential, readable to this user only and at once as a whole. A cache that cannot be written is no error. */
export function writeCredential(file: string, spec: PluginSpec, status: ExecCredentialStatus): void {
  const part = `${file}.${process.pid}`;
  try {
    mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
    const text = JSON.stringify({ kind: "ExecCredential", apiVersion: spec.apiVersion, status });
    writeFileSync(part, text, { mode: 0o600, flag: "wx" });
    renameSync(part, file);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
  }
}

function readPrivateFile(file: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { mode, uid } = fstatSync(descriptor);
    const isPrivate = (mode & constants.S_IFMT) === constants.S_IFREG && (mode & 0o077) === 0;
    return isPrivate && uid === process.getuid?.() ? readFileSync(descriptor, "utf8") : undefined;
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
