import { procFile } from "../support/proc.ts";

const BETWEEN_MS = 20;

/** Watches a process from now on; what it returns ends that and gives the most resident memory it had, in bytes. What wait4(2)
 * tells of a child begins at the peak of its parent, which here is a test that has read what the child printed: only
 * VmHWM (proc(5)) belongs to the program alone, and it is gone with it, so what grows in the last 20 ms is not seen. */
export function watchMemory(pid: number): () => number {
  let peak = 0;
  const look = () => {
    const [, kiB] = /^VmHWM:\s+(\d+) kB$/m.exec(procFile(pid, "status")) ?? [];
    if (kiB) peak = Number(kiB) * 1024;
  };
  look();
  const timer = setInterval(look, BETWEEN_MS);
  return () => {
    clearInterval(timer);
    return peak;
  };
}
