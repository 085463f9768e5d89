/** One call of the exec contract, as gc makes it. */
export interface Call {
  op: string;
  args: string[];
  stdin?: string | Uint8Array;
  env?: Record<string, string | undefined>;
}

/** What came of a call. */
export interface Outcome {
  exit: number;
  stdout: string;
  bytes: Uint8Array;
  stderr: string;
  ms: number;
}

/** Something that answers calls: the executable, or a wrapper around it that breaks one rule. */
export type Provider = (call: Call) => Promise<Outcome>;

/** The executable under test; `GC_TEST_EXECUTABLE` points the same cases at any other one. */
function executablePath(): string {
  return process.env["GC_TEST_EXECUTABLE"] ?? `${import.meta.dir}/../../dist/gc-session-k8s`;
}

/** A shell command line that calls an operation of the executable. */
export function shellCommand(env: Record<string, string>, op: string, args: string[]): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const words = ["env", ...variables, executablePath(), op, ...args];
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}

/** Calls the executable under test with `env` on top of this process's own environment. */
export function executable(env: Record<string, string | undefined>, path = executablePath()): Provider {
  return async ({ op, args, stdin, env: more }) => {
    const began = performance.now();
    const child = Bun.spawn([path, op, ...args], {
      env: { ...process.env, ...env, ...more },
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
  };
}
