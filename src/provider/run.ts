import { writeSync } from "node:fs";
import { loadConnection } from "../kube/connection.ts";
import { KubeClient } from "../kube/request.ts";
import { DeadlineError, errorLine, InterruptedError, UnknownOperationError, UsageError } from "./errors.ts";
import { appendLog, operationLog } from "./log.ts";
import type { Call, Context, Operation, Program, Result } from "./operation.ts";
import { readSettings, type Settings } from "./settings.ts";
import { Stdout } from "./stdout.ts";

/** gc kills 2 s after its SIGINT; the clean-up must have ended before. */
const EXIT_AFTER_SIGNAL_MS = 1_750;

/** Runs one operation of `program` and ends the process: the only place that makes exit codes.
 * 0 = done, with proof; 2 = no such operation; 1 = anything else, with one line on stderr. */
export async function runProgram(program: Program, calledAs: string, argv: string[]): Promise<never> {
  let [name = ""] = argv;
  const log = operationLog();
  const controller = new AbortController();
  const state: { client?: KubeClient; settings?: Settings } = {};
  let exit = 1;
  let cause: string | undefined;
  process.on("uncaughtException", (error) => endWith(1, error));
  process.on("unhandledRejection", (error) => endWith(1, error));
  try {
    const call = program.parse ? program.parse(argv) : await operationCall(program, argv);
    const { operation } = call;
    name = call.name;
    const stopWaiting = interruptible(controller, operation, log.currentPhase);
    state.settings = readSettings(calledAs, process.env, call.settings);
    const context = makeContext(call.args, state.settings, controller.signal, log, state);
    const result = await operation.run(context);
    await writeStdout(result, controller.signal);
    stopWaiting();
    exit = result?.exitCode ?? 0;
  } catch (error) {
    exit = error instanceof UnknownOperationError ? 2 : 1;
    cause = errorLine(error, name);
  }
  const path = state.settings?.get("GC_K8S_LOG");
  const problem = path ? appendLog(path, log.entry(name, state.client?.counts, exit, cause)) : undefined;
  if (cause ?? problem) writeStderr(`${cause ?? errorLine(problem)}\n`);
  process.exit(exit);
}

async function operationCall(program: Program, [name = "", ...args]: string[]): Promise<Call> {
  if (name === "") throw new UsageError(`usage: ${program.name} <operation> [argument…]`);
  const load = Object.hasOwn(program.operations, name) ? program.operations[name] : undefined;
  if (!load) throw new UnknownOperationError(`${program.name} has no such operation`);
  return { name, operation: await load(), args };
}

/** Aborts on signals and at the deadline; returns what ends both. The caller's time began with the process. */
function interruptible(
  controller: AbortController,
  { deadlineMs }: Operation,
  phase: () => string | undefined,
): () => void {
  const timer =
    deadlineMs === undefined
      ? undefined
      : setTimeout(() => controller.abort(new DeadlineError(deadlineMs, phase())), deadlineMs - performance.now());
  for (const signalName of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signalName, () => {
      const error = new InterruptedError(signalName, phase());
      controller.abort(error);
      setTimeout(() => endWith(1, error), EXIT_AFTER_SIGNAL_MS);
    });
  return () => clearTimeout(timer);
}

function makeContext(
  args: string[],
  settings: Settings,
  signal: AbortSignal,
  log: Context["log"],
  state: { client?: KubeClient },
): Context {
  return {
    args,
    env: process.env,
    settings,
    signal,
    log,
    stdin: () => readStdin(signal),
    client() {
      const context = settings.get("GC_K8S_CONTEXT");
      state.client ??= new KubeClient(loadConnection({ env: process.env, ...(context && { context }) }));
      return state.client;
    },
  };
}

/** A payload that does not end before the deadline must not keep the process. */
async function readStdin(signal: AbortSignal): Promise<Uint8Array> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([Bun.stdin.bytes(), promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function writeStdout(result: Result | undefined, signal: AbortSignal): Promise<void> {
  if (!result?.stdout?.length) return;
  const stdout = new Stdout();
  stdout.write(result.stdout);
  await stdout.flush(signal);
}

function writeStderr(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // The process is ending, and an error of stderr itself has nowhere to go.
  }
}

function endWith(code: number, error: unknown): never {
  writeStderr(`${errorLine(error)}\n`);
  process.exit(code);
}
