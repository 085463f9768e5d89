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
export function executable(env: Record<string, string | undefined>): Provider {
  const path = process.env["GC_TEST_EXECUTABLE"] ?? `${import.meta.dir}/../../dist/gc-session-k8s`;
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
