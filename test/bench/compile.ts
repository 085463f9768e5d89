import { join } from "node:path";
import { COMPILE_FLAGS } from "../../build.ts";
import { runProcess } from "./run-process.ts";

/** Compiles a program of this directory with the flags of the release, so that only the programs differ. */
export function compile(source: string, outfile: string): string {
  const flags = [...COMPILE_FLAGS, `--outfile=${outfile}`];
  const command = [process.execPath, "build", ...flags, join(import.meta.dir, source)];
  runProcess({ command, env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" } });
  return outfile;
}
