import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Job, type Outcome, runProcess } from "./run-process.ts";

/** The command that runs another one and leaves its peak of memory and its time in `report`, for `readWeight`. */
export function weighing(report: string, command: string[]): string[] {
  return [process.execPath, join(import.meta.dir, "peak-memory.ts"), report, ...command];
}

/** Runs a process to its end; the time is its own, without that of the one that weighs it. Reports go into `scratch`. */
export function runWeighed(scratch: string, job: Job): Outcome & { MB: number } {
  const report = join(scratch, "peak");
  return { ...runProcess({ ...job, command: weighing(report, job.command) }), ...readWeight(report) };
}

/** Reads what peak-memory.ts has left: the peak in MB, and the time of the program without that of the one that weighs it. */
export function readWeight(report: string): { MB: number; ms: number } {
  const [bytes = 0, ms = 0] = readFileSync(report, "utf8").split(" ").map(Number);
  if (!(bytes > 1e6)) throw new Error(`Cannot measure memory: the system reports ${bytes} bytes`);
  if (!(ms > 0)) throw new Error(`Cannot measure time: it took ${ms} ms`);
  return { MB: bytes / 1e6, ms };
}
