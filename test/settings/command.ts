import { dirname, join } from "node:path";

/** What came of one run of `gc-k8s`. */
export interface Outcome {
  exit: number;
  stdout: string;
  stderr: string;
}

/** The executable under test, in the directory of the one that the conformance tests take. */
export function commandPath(): string {
  const session = process.env["GC_TEST_EXECUTABLE"] ?? `${import.meta.dir}/../../dist/gc-session-k8s`;
  return join(dirname(session), "gc-k8s");
}

/** Runs `gc-k8s` with an environment of its own: no setting of the caller's reaches it. */
export async function command(
  args: string[],
  env: Record<string, string>,
  stdin = "",
  path = commandPath(),
): Promise<Outcome> {
  const { PATH = "" } = process.env;
  const child = Bun.spawn([path, ...args], {
    env: { PATH, ...env },
    stdin: new Blob([stdin]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, exit] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exit, stdout, stderr };
}
