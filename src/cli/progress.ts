import { writeSync } from "node:fs";

/** Tells a person on stderr how far a long command has come; whoever only wants the result reads stdout. */
export function say(line: string): void {
  try {
    writeSync(2, `${line}\n`);
  } catch (error) {
    // Who closed stderr does not want to hear, and the command must go on.
    if (!["EPIPE", "EBADF", "EAGAIN"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
