import { join } from "node:path";
import { goCommand, goEnvironment } from "./go-toolchain.ts";
import { cacheDirectory } from "./layout.ts";
import type { Report } from "./progress.ts";
import { runTool, runTree } from "./run-tool.ts";

/** Programs of one Go module of ours and how to compile them. */
export interface GoPrograms {
  /** The directory of the module. */
  module: string;
  /** Import paths of the programs. */
  packages: string[];
  flags: string[];
  /** Replaces settings of the usual environment. */
  env?: Record<string, string>;
}

/** Compiles Go programs to `output`, a file for one program and a directory (ending in "/") for several. */
export async function buildGo(programs: GoPrograms, output: string, report: Report): Promise<void> {
  const { module, packages, flags, env } = programs;
  const go = await goCommand();
  const options = { cwd: module, env: { ...goEnvironment(), ...env }, log: join(cacheDirectory(), "build.log") };
  report("downloading the sources");
  const needed = await runTool([go, "list", "-deps", ...flags, ...packages], options);
  const total = needed.trim().split("\n").length;
  let compiled = 0;
  report(`0 of ${total} packages`);
  await runTree([go, "build", "-v", ...flags, "-o", output, ...packages], {
    ...options,
    onLine: () => {
      compiled += 1;
      report(compiled < total ? `${compiled} of ${total} packages` : "linking");
    },
  });
}
