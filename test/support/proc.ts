import { readFileSync } from "node:fs";

/** A file of a process under /proc (proc(5)), read whole; "" = the process is gone. */
export function procFile(pid: number | string, file: string): string {
  return unlessGone(() => readFileSync(`/proc/${pid}/${file}`, "latin1")) ?? "";
}

/** What a look at a process sees; undefined when the process has ended before it or meanwhile. */
export function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
