import { ApiError, ExecError, isNotFound, TransportError } from "../kube/errors.ts";
import { openExec } from "../kube/exec.ts";
import { retryWindow } from "../kube/retry.ts";
import { RUNNER_CONTAINER } from "../pod/beads-runner.ts";
import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import type { City } from "./city.ts";
import { pathMark } from "./owner.ts";
import preamble from "./runner-preamble.sh" with { type: "text" };
import { shellWord } from "./shell.ts";

/** Exit codes of `runner-preamble.sh`: outside what bd and a shell use. */
const OTHER_RUNNER = 113;
const NO_SCOPE = 114;
const OTHER_PATH = 115;

/** The shell reads all of the script before it runs any of it, and nothing of one that is cut off. */
export const BOOT = `script=$(cat) && case $script in *'
# whole') eval "$script" ;; esac`;
const WHOLE = "# whole\n";

/** What a script in the runner came to. */
export type ScriptEnd =
  | { state: "ended"; exit: number; stdout: string; stderr: string }
  /** The scope is not set up in this pod. */
  | { state: "no scope" }
  /** There is no pod, or its container does not run: the script has not begun. */
  | { state: "no runner" }
  /** The script began, and nobody can tell what came of it. */
  | { state: "unknown"; error: Error };

/** A script for the runner. */
export interface RunnerScript {
  city: City;
  /** Prefix of the scope that it runs in; "" = none. */
  scope: string;
  /** Text that ends with `done_with CODE`. */
  body: string;
}

/** Longest time that one bd gets; gc does not wait for more. */
const LIMIT_SECONDS = 100;
const MOST_BYTES = 256 * 1024 * 1024;

/** Runs a script by one exec, all of it by stdin; repeats what was turned away before it could begin. Throws only what says
 * that it has not begun, and aborts. */
export async function execInRunner(context: Context, script: RunnerScript, leftMs: number): Promise<ScriptEnd> {
  const window = retryWindow(context.signal);
  const end = performance.now() + leftMs;
  for (;;) {
    try {
      return await attempt(context, script, end - performance.now());
    } catch (error) {
      if (!isTurnedAway(error)) throw error;
      await window.pause(error as Error);
      context.client().counts.retries++;
    }
  }
}

/** Nothing was sent, or the API server has too much to do. */
function isTurnedAway(error: unknown): boolean {
  return error instanceof TransportError ? error.unsent : error instanceof ApiError && error.code === 429;
}

async function attempt(context: Context, script: RunnerScript, leftMs: number): Promise<ScriptEnd> {
  const { city } = script;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let stderr = "";
  try {
    const stream = await openExec(context.client(), {
      namespace: city.namespace,
      pod: city.pod,
      container: RUNNER_CONTAINER,
      command: ["/bin/sh", "-c", BOOT, "gc-beads"],
      stdin: true,
      signal: context.signal,
      onStdout(data) {
        bytes += data.length;
        if (bytes > MOST_BYTES) stream.terminate();
        else chunks.push(data);
      },
      onStderr: (data) => {
        if (stderr.length < 16_384) stderr += new TextDecoder().decode(data);
      },
    });
    await stream.write(new TextEncoder().encode(scriptText(context, script, leftMs)));
    stream.closeStdin();
    return endOf(await stream.exited, Buffer.concat(chunks), stderr, script);
  } catch (error) {
    if (bytes > MOST_BYTES) throw new OperationError(`Cannot read what bd says: it is more than ${MOST_BYTES} bytes`);
    if (error instanceof ExecError || (error instanceof TransportError && !error.unsent))
      return { state: "unknown", error };
    if (isNoRunner(error)) return { state: "no runner" };
    // The API server does not reach the pod's node.
    if (error instanceof ApiError && error.code >= 500) return { state: "unknown", error };
    throw error;
  }
}

/** 404 of the pod; 400 for a pod that has no node yet or has ended; 500 for a container that is not there (yet). */
function isNoRunner(error: unknown): boolean {
  if (isNotFound(error)) return error.status.details?.kind === "pods";
  if (!(error instanceof ApiError)) return false;
  return error.code === 400 || (error.code === 500 && /container|pod/i.test(error.status.message ?? ""));
}

function scriptText(context: Context, { city, scope, body }: RunnerScript, leftMs: number): string {
  const limit = Math.max(1, Math.min(LIMIT_SECONDS, Math.ceil(leftMs / 1000)));
  const actor = context.env["BEADS_ACTOR"] || "gc";
  const head = [
    `runner=${city.identity}`,
    `scope=${shellWord(scope)}`,
    `path=${shellWord(pathMark(context))}`,
    `limit=${limit}`,
    `export BEADS_ACTOR=${shellWord(actor)}`,
  ];
  return `${head.join("\n")}\n${preamble}\n${body}\n${WHOLE}`;
}

function endOf(exit: number, stdout: Buffer, stderr: string, { city }: RunnerScript): ScriptEnd {
  if (exit === NO_SCOPE) return { state: "no scope" };
  if (exit === OTHER_RUNNER)
    throw new OperationError(`Cannot use pod "${city.pod}": it is not the runner of city "${city.name}"`);
  if (exit === OTHER_PATH)
    throw new OperationError(
      `Cannot use pod "${city.pod}": its store was set up by a city of another path; ` +
        `both call themselves "${city.name}": give each city its own GC_K8S_CITY`,
    );
  const mark = /\0done (\d+)\n$/.exec(stdout.subarray(-32).toString("latin1"));
  if (exit !== 0 || !mark) {
    const detail = `the script ended with ${exit}, its output is incomplete${stderr ? `: ${stderr.trim()}` : ""}`;
    return { state: "unknown", error: new ExecError(`exec in pod "${city.pod}"`, detail) };
  }
  const text = stdout.subarray(0, stdout.length - mark[0].length).toString("utf8");
  return { state: "ended", exit: Number(mark[1]), stdout: text, stderr };
}
