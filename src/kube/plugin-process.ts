import { isAbsolute } from "node:path";
import { KubeconfigError, oneLine, systemErrorCode } from "./kubeconfig-error.ts";
import type { PluginSpec } from "./plugin-spec.ts";

const outputLimitBytes = 1024 * 1024;
const errorOutputLimitBytes = 64 * 1024;

type Environment = Record<string, string | undefined>;
interface Output {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/**
 * Runs a plugin without stdin, in a process group of its own that is killed after 10 s or when `signal` aborts.
 * Resolves with its stdout, at most 1 MiB. Rejects with KubeconfigError, or with the signal's reason.
 */
export async function runPlugin(
  spec: PluginSpec,
  env: Environment,
  signal: AbortSignal,
  timeLimitMs = 10_000,
): Promise<string> {
  signal.throwIfAborted();
  const child = spawn(spec, env);
  const output: Output = child.stdout.getReader();
  const errors: Output = child.stderr.getReader();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeLimitMs)]);
  // A process that left the group would keep the pipes open, so they are not waited for.
  const stop = (): void => {
    killGroup(child.pid);
    void output.cancel();
    void errors.cancel();
  };
  limit.addEventListener("abort", stop);
  try {
    const errorText = readUpTo(errors, errorOutputLimitBytes);
    const { text, isCut } = await readUpTo(output, outputLimitBytes);
    if (isCut) killGroup(child.pid);
    const exitCode = await child.exited;
    if (limit.aborted) throw signal.aborted ? signal.reason : tooSlow(spec, timeLimitMs);
    if (isCut) throw new KubeconfigError(`${spec.where} printed more than 1 MiB`);
    if (exitCode === 0) return text;
    throw failed(spec, `${child.signalCode ?? `exit code ${exitCode}`}`, (await errorText).text, env);
  } finally {
    limit.removeEventListener("abort", stop);
    // A plugin may leave a process behind that keeps stderr open; it must not keep this one alive.
    await Promise.all([output.cancel(), errors.cancel()]);
  }
}

function spawn(spec: PluginSpec, env: Environment): Bun.Subprocess<"ignore", "pipe", "pipe"> {
  const executable = findExecutable(spec.command, env);
  if (!executable) throw notRunnable(spec, "is not installed");
  try {
    return Bun.spawn([executable, ...spec.args], {
      env,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      detached: true,
    });
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    throw notRunnable(spec, code === "ENOENT" ? "is not installed" : `cannot be run (${code})`, error);
  }
}

/** As in Go, a folder of PATH counts only when it does not depend on where this process happens to be. */
function findExecutable(command: string, env: Environment): string | null {
  if (command.includes("/")) return command;
  const folders = (env["PATH"] ?? "").split(":").filter((folder) => isAbsolute(folder));
  return Bun.which(command, { PATH: folders.join(":") });
}

function notRunnable(spec: PluginSpec, reason: string, cause?: unknown): KubeconfigError {
  const hint = spec.installHint ? `: ${spec.installHint}` : "";
  return new KubeconfigError(`${spec.where} ${reason}${hint}`, { cause });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (systemErrorCode(error) !== "ESRCH") throw error;
  }
}

async function readUpTo(reader: Output, limitBytes: number): Promise<{ text: string; isCut: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done || !value) return { text: Buffer.concat(chunks).toString(), isCut: false };
    size += value.byteLength;
    if (size > limitBytes) return { text: Buffer.concat(chunks).toString(), isCut: true };
    chunks.push(value);
  }
}

function tooSlow(spec: PluginSpec, timeLimitMs: number): KubeconfigError {
  return new KubeconfigError(
    `${spec.where} gave no credential within ${timeLimitMs / 1000} s: run it by hand to see why`,
  );
}

function failed(spec: PluginSpec, how: string, stderr: string, env: Environment): KubeconfigError {
  const lines = stderr.split("\n").map((line) => oneLine(line));
  const last = redact(lines.findLast((line) => line !== "") ?? "", { ...env, ...spec.env }, Object.keys(spec.env));
  return new KubeconfigError(`${spec.where} failed with ${how}${last && `: ${last.slice(0, 300)}`}`);
}

/** The text without the values of the named variables, of any whose name speaks of a secret, and without tokens. */
function redact(text: string, env: Environment, names: readonly string[]): string {
  let redacted = text;
  for (const [name, value] of Object.entries(env)) {
    const isSecret = names.includes(name) || /TOKEN|SECRET|PASS|KEY|CREDENTIAL/i.test(name);
    if (isSecret && value && value.length >= 4) redacted = redacted.replaceAll(value, "…");
  }
  return redacted.replace(/\b(Bearer|Basic) \S+/gi, "$1 …").replace(/\beyJ[\w-]+(\.[\w-]*)*/g, "…");
}
