/** One process to run. */
export interface Job {
  command: string[];
  env: Record<string, string>;
  stdin?: string | Uint8Array;
  /** Exit code that proves success; 0 unless given. */
  exit?: number;
}

/** What a process that ended as expected left. */
export interface Outcome {
  ms: number;
  stdout: string;
}

/** Runs a process to its end and takes its wall clock; throws when its exit code is not the expected one. */
export function runProcess({ command, env, stdin, exit = 0 }: Job): Outcome {
  const input = stdin === undefined ? ("ignore" as const) : Buffer.from(stdin);
  const began = performance.now();
  const child = Bun.spawnSync(command, { env, stdin: input, stdout: "pipe", stderr: "pipe" });
  const ms = performance.now() - began;
  if (child.exitCode !== exit)
    throw new Error(
      `Cannot measure "${command.slice(0, 4).join(" ")}": it ended with ${child.exitCode}: ${child.stderr}`,
    );
  return { ms, stdout: child.stdout.toString() };
}

/** Throws unless a run gave the answer that makes its time worth anything. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`Cannot measure: ${what}`);
}
