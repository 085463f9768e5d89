import { type ChildProcess, spawn } from "node:child_process";
import { operationRow } from "./operations.ts";

/** One call as gc makes it. */
export interface ProviderCall {
  executable: string;
  op: string;
  args: string[];
  stdin?: string;
  env: Record<string, string>;
  cwd: string;
  /** Instead of the operation's own limit. */
  limitMs?: number;
}

/** What came of a call, before gc reads anything into it. */
export interface Answer {
  call: ProviderCall;
  /** Undefined when a signal ended the process. */
  exit: number | undefined;
  signal: string | undefined;
  stdout: Buffer;
  stderr: string;
  ms: number;
  /** Why gc gave the call up; a cancellation that was delivered beats the exit status. */
  cancelled: "context deadline exceeded" | "context canceled" | undefined;
  /** Signals that gc sent, and when. */
  signals: { name: string; atMs: number }[];
}

/** A call that is under way. */
export interface RunningCall {
  pid: number;
  /** Gives the call up, as gc does when its own caller goes away. */
  cancel(): void;
  /** Hands on standard output as it comes. */
  onStdout(take: (data: Buffer) => void): void;
  /** Sends a signal to the process group. */
  signal(name: NodeJS.Signals): void;
  done: Promise<Answer>;
}

/** gc kills the leader so long after the SIGINT to its group. */
const KILL_AFTER_MS = 2_000;

/** Begins a call with the limits, signals and descriptors that gc gives it. */
export function beginCall(call: ProviderCall): RunningCall {
  const row = operationRow(call.op);
  const began = performance.now();
  const child = spawn(call.executable, [call.op, ...call.args], {
    cwd: call.cwd,
    env: call.env,
    detached: row.ownGroup,
    stdio: [row.stdin === "pipe" ? "pipe" : "ignore", "pipe", "pipe"],
  });
  const signals: Answer["signals"] = [];
  let cancelled: Answer["cancelled"];
  let killer: ReturnType<typeof setTimeout> | undefined;

  function send(name: NodeJS.Signals, toGroup: boolean): void {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    signals.push({ name, atMs: performance.now() - began });
    process.kill(toGroup ? -child.pid : child.pid, name);
  }
  function kill(): void {
    send("SIGKILL", false);
    // A grandchild may hold the pipes; gc does not wait for it.
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
  function cancel(reason: Answer["cancelled"]): void {
    cancelled ??= reason;
    if (row.ownGroup) send("SIGINT", true);
    killer ??= setTimeout(kill, row.ownGroup ? KILL_AFTER_MS : 0);
  }

  const limit = setTimeout(() => cancel("context deadline exceeded"), call.limitMs ?? row.limitMs);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const done = ended(child).then(({ exit, signal }): Answer => {
    clearTimeout(limit);
    clearTimeout(killer);
    const ms = performance.now() - began;
    return { call, exit, signal, stdout: stdout(), stderr: stderr().toString(), ms, cancelled, signals };
  });
  // A process that ends without reading its payload is no failure of the write.
  child.stdin?.on("error", () => child.stdin?.destroy());
  child.stdin?.end(call.stdin ?? "");
  return {
    pid: child.pid ?? 0,
    cancel: () => cancel("context canceled"),
    onStdout: (take) => void child.stdout?.on("data", take),
    signal: (name) => send(name, row.ownGroup),
    done,
  };
}

function collect(stream: ChildProcess["stdout"]): () => Buffer {
  const chunks: Buffer[] = [];
  stream?.on("data", (data: Buffer) => chunks.push(data));
  return () => Buffer.concat(chunks);
}

/** The process and both its pipes have ended. */
function ended(child: ChildProcess): Promise<{ exit: number | undefined; signal: string | undefined }> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exit, signal) => resolve({ exit: exit ?? undefined, signal: signal ?? undefined }));
  });
}
