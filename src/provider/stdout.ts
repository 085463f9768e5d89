import { write, writeSync } from "node:fs";

const STDOUT = 1;
/** So much fits into the smallest pipe, a page of memory (pipe(7)), when nobody else has filled it. */
const FITS_BYTES = 4096;
/** Pieces are joined to one write of about so many bytes: between two writes this process has to find the time for the next,
 * and when a connection pours that takes longer than the writing. */
const WRITE_BYTES = 8 * 1024 * 1024;
/** The descriptor may have been made non-blocking by whoever shares it; then a full pipe is asked again after so long. */
const FULL_MS = 5;

/** Standard output, in order and once. A reader that is slow holds up nothing else: a thread of the runtime's writes.
 *
 * Bun's own writer (a `FileSink`, which is under `process.stdout`, too) loses or repeats pieces when more of them arrive
 * while a pipe is full: 1.4.5 did so in one of a hundred copies of 4 MB under load. */
export class Stdout {
  #queue: Uint8Array[] = [];
  #writing: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;
  #isFresh = true;

  /** Takes bytes, which must not change any more. Throws what an earlier write has failed by, such as EPIPE. */
  write(data: Uint8Array | string): void {
    if (this.#failure) throw this.#failure.error;
    const bytes = bytesOf(data);
    // Most answers are one short text, and a thread would cost a tenth of the process's time.
    const written = this.#isFresh && bytes.length <= FITS_BYTES ? this.#begin(bytes) : 0;
    this.#isFresh = false;
    if (written === bytes.length) return;
    this.#queue.push(bytes.subarray(written));
    this.#writing ??= this.#drain();
  }

  /** Resolves when all that was taken is written; rejects with what has kept it from that, be it the signal. */
  async flush(signal: AbortSignal): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>();
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    try {
      if (this.#writing && signal.aborted) stop();
      if (this.#writing) await Promise.race([this.#writing, promise]);
    } finally {
      signal.removeEventListener("abort", stop);
    }
    if (this.#failure) throw this.#failure.error;
  }

  #begin(data: Uint8Array): number {
    try {
      return writeNow(data, 0);
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  async #drain(): Promise<void> {
    try {
      while (this.#queue.length > 0) await writeAll(this.#next());
    } catch (error) {
      this.#failure = { error };
    }
    this.#writing = undefined;
  }

  #next(): Uint8Array {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    while (bytes < WRITE_BYTES) {
      const piece = this.#queue.shift();
      if (!piece) break;
      pieces.push(piece);
      bytes += piece.length;
    }
    return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
  }
}

/** Writes all of it to the terminal that standard output is, and waits for the terminal: what it does not show yet must not
 * pile up here, and what is written last is shown before the process ends. Throws when the terminal has gone. */
export function writeToTerminal(data: Uint8Array | string): void {
  const bytes = bytesOf(data);
  for (let at = 0; at < bytes.length; ) {
    const written = writeNow(bytes, at);
    if (written === 0) Bun.sleepSync(FULL_MS);
    at += written;
  }
}

/** The first use of `Buffer` would cost a process 0.4 ms. */
function bytesOf(data: Uint8Array | string): Uint8Array {
  return typeof data === "string" ? new TextEncoder().encode(data) : data;
}

/** Writes what fits, from there on; returns the number of bytes, 0 when the descriptor is full and does not block. */
function writeNow(data: Uint8Array, at: number): number {
  try {
    return writeSync(STDOUT, data, at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
    throw error;
  }
}

async function writeAll(data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length; ) {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    write(STDOUT, data, at, data.length - at, null, (error, written) => {
      if (!error) resolve(written);
      else if (error.code === "EAGAIN") setTimeout(resolve, FULL_MS, 0);
      else reject(error);
    });
    at += await promise;
  }
}
