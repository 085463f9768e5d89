import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/** Names that the one executable is called by; each runs another program. */
const NAMES = ["gc-session-k8s", "gc-events-k8s", "gc-beads-k8s"];

/** How Bun compiles the release; whatever is measured beside it is compiled alike. Split, a process reads the bytecode
 * of its own program only: 2 ms of 12 for one that does nothing. */
export const COMPILE_FLAGS = ["--compile", "--minify", "--bytecode", "--format=esm", "--splitting"];

/** Builds `dist/gc-k8s` and its names. `--target` takes Bun's names of foreign platforms, such as `bun-linux-arm64`. */
export async function build(root: string, target?: string): Promise<string> {
  const dist = join(root, "dist");
  mkdirSync(dist, { recursive: true });
  const executable = join(dist, "gc-k8s");
  const fresh = `${executable}.${process.pid}`;
  const args = [...COMPILE_FLAGS, ...(target ? [`--target=${target}`] : []), `--outfile=${fresh}`];
  const bun = Bun.spawn([process.execPath, "build", ...args, join(root, "src/main.ts")], {
    stdout: "pipe",
    stderr: "pipe",
  });
  if ((await bun.exited) !== 0) {
    rmSync(fresh, { force: true });
    throw new Error(`Cannot build "${executable}":\n${await new Response(bun.stderr).text()}`);
  }
  // A running process may hold the old file, and another may be started meanwhile: each takes its place in one step.
  renameSync(fresh, executable);
  for (const name of NAMES) {
    symlinkSync("gc-k8s", `${fresh}.link`);
    renameSync(`${fresh}.link`, join(dist, name));
  }
  return executable;
}

if (import.meta.main) {
  const target = process.argv.find((argument) => argument.startsWith("--target="))?.slice("--target=".length);
  process.stderr.write(`Built ${await build(import.meta.dir, target)}\n`);
}
