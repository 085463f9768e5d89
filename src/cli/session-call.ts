import { dirname, join } from "node:path";
import type { Context } from "../provider/operation.ts";

/** How another program of this executable is run. */
export interface CallOptions {
  /** The call gets this text, or what this process was given; nothing unless set. */
  stdin?: Uint8Array | "inherit";
  /** Its standard output is this process's own, not part of the result. */
  isDirect?: boolean;
  /** Its error line is not shown: the caller tells of a failure in its own way. */
  isQuiet?: boolean;
  /** Milliseconds after which it is ended; undefined = its own limits only. */
  limitMs?: number;
}

/** Runs an operation as gc runs it: in a process of its own, of this executable under the program's name. Programs share no code
 * but what lies below them, and a process is 10 ms. Its error line is this command's, too. */
export async function callProgram(
  context: Context,
  program: "gc-session-k8s" | "gc-beads-k8s",
  args: string[],
  { stdin, isDirect = false, isQuiet = false, limitMs }: CallOptions = {},
): Promise<{ exitCode: number; stdout: string }> {
  const child = Bun.spawn([process.execPath, ...args], {
    argv0: nameBeside(process.argv0, program),
    env: { ...context.env, ...place(context) },
    stdin: stdin ?? "ignore",
    stdout: isDirect ? "inherit" : "pipe",
    stderr: isQuiet ? "ignore" : "inherit",
  });
  const end = () => child.kill("SIGTERM");
  context.signal.addEventListener("abort", end, { once: true });
  const timer = limitMs === undefined ? undefined : setTimeout(end, limitMs);
  try {
    const stdout = child.stdout ? await new Response(child.stdout).text() : "";
    const code = await child.exited;
    context.signal.throwIfAborted();
    // 2 would tell gc that this command does not exist.
    return { exitCode: code === 0 ? 0 : 1, stdout };
  } finally {
    clearTimeout(timer);
    context.signal.removeEventListener("abort", end);
  }
}

/** The settings file stands beside the name that a program is called by; so does its sibling's. */
function nameBeside(calledAs: string, program: string): string {
  return calledAs.includes("/") ? join(dirname(calledAs), program) : program;
}

/** What the command line's options may have set goes on by the environment. */
function place({ settings }: Context): Record<string, string> {
  return {
    GC_K8S_NAMESPACE: settings.get("GC_K8S_NAMESPACE"),
    GC_K8S_CONTEXT: settings.get("GC_K8S_CONTEXT"),
    GC_K8S_CITY: settings.get("GC_K8S_CITY"),
  };
}
