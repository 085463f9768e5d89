import { writeSync } from "node:fs";

/** Goes back to the line's beginning and clears it. */
const CLEAR = "\r\x1b[K";

let isLive = false;

/** Tells a person on stderr something that stays; whoever only wants the result reads stdout. */
export function say(line: string): void {
  clearLive();
  write(`${line}\n`);
}

/** Tells on stderr how far a long command has come: on a terminal in one line, which the next one takes the place of. */
export function sayNow(line: string): void {
  isLive = process.stderr.isTTY === true;
  write(isLive ? `${CLEAR}${line.slice(0, process.stderr.columns - 1)}` : `${line}\n`);
}

/** Takes the live line away, before anything else is written. */
export function clearLive(): void {
  if (isLive) write(CLEAR);
  isLive = false;
}

function write(text: string): void {
  try {
    writeSync(2, text);
  } catch (error) {
    // Who closed stderr does not want to hear, and the command must go on.
    if (!["EPIPE", "EBADF", "EAGAIN"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
