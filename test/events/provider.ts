import type { Call, Outcome, Provider } from "../conformance/provider.ts";

/** A watch that is under way, as its reader sees it. */
export interface Watcher {
  /** Lines so far, without their line breaks; grows while the watch runs. */
  readonly lines: string[];
  readonly pid: number;
  /** Resolves with its exit code, or with 128 and a signal's number. */
  ended: Promise<number>;
  /** Kills it, as gc does. */
  kill(): void;
}

/** Something that answers calls and watches: the executable, or a wrapper around it that breaks one rule. */
export interface EventsProvider {
  call: Provider;
  watch(after: number, env?: Call["env"]): Watcher;
}

/** Calls the executable under test with `env` on top of this process's own environment. `GC_TEST_EVENTS_EXECUTABLE`
 * points the same cases at any other one. */
export function eventsExecutable(env: Record<string, string | undefined>): EventsProvider {
  return {
    call: (call) => run({ ...call, env: { ...env, ...call.env } }),
    watch: (after, more) => startWatch(after, { ...env, ...more }),
  };
}

/** Path of the executable under test. */
export function eventsPath(): string {
  return process.env["GC_TEST_EVENTS_EXECUTABLE"] ?? `${import.meta.dir}/../../dist/gc-events-k8s`;
}

async function run({ op, args, stdin, env }: Call): Promise<Outcome> {
  const began = performance.now();
  const child = Bun.spawn([eventsPath(), op, ...args], {
    env: { ...process.env, ...env },
    stdin: stdin === undefined ? "ignore" : new Blob([stdin as string]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [bytes, stderr, exit] = await Promise.all([
    new Response(child.stdout).bytes(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exit, bytes, stdout: new TextDecoder().decode(bytes), stderr, ms: performance.now() - began };
}

/** As gc does it: standard input and error are /dev/null. */
function startWatch(after: number, env: Record<string, string | undefined>): Watcher {
  const child = Bun.spawn([eventsPath(), "watch", String(after)], {
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  const lines: string[] = [];
  void gather(child.stdout, lines);
  return { lines, pid: child.pid, ended: child.exited, kill: () => child.kill("SIGKILL") };
}

/** Keeps complete lines only: a part without its line break is no event. */
async function gather(stdout: ReadableStream<Uint8Array>, lines: string[]): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stdout) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  }
}
