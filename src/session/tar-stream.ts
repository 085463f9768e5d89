import { closeSync, openSync, readSync } from "node:fs";
import { OperationError } from "../provider/errors.ts";
import { padding, TAR_END, type TarEntry, tarEntryBytes, tarHeader } from "./tar-header.ts";
import { cannotStage } from "./tree.ts";

/** One entry and where its content comes from. */
export type Staged = TarEntry & ({ source: string } | { content: Uint8Array } | { type: "directory" | "symlink" });

/** Contents are read and handed on in pieces of this size: memory stays the same for any tree. */
const PIECE_BYTES = 256 * 1024;

/** Length of the whole stream in bytes, known before any content is read. */
export function tarBytes(entries: Staged[]): number {
  return entries.reduce((sum, entry) => sum + tarEntryBytes(entry), TAR_END.length);
}

/** Yields the stream in pieces; each piece is only valid until the next is asked for.
 * Throws when a file turns out shorter than it was, since its entry has promised the size. */
export function* tarStream(entries: Staged[]): Generator<Uint8Array> {
  const pieces = new Pieces();
  for (const entry of entries) {
    yield* pieces.add(tarHeader(entry));
    if (entry.type !== "file") continue;
    if ("content" in entry) yield* pieces.add(entry.content);
    else if ("source" in entry) yield* pieces.addFile(entry.source, entry.size);
    yield* pieces.add(new Uint8Array(padding(entry.size)));
  }
  yield* pieces.add(TAR_END);
  yield* pieces.rest();
}

/** Gathers small parts, so that thousands of small files do not become thousands of frames. */
class Pieces {
  readonly #buffer = Buffer.allocUnsafe(PIECE_BYTES);
  #used = 0;

  *add(data: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < data.length; ) {
      const length = Math.min(data.length - at, PIECE_BYTES - this.#used);
      this.#buffer.set(data.subarray(at, at + length), this.#used);
      at += length;
      this.#used += length;
      if (this.#used === PIECE_BYTES) yield* this.rest();
    }
  }

  *addFile(source: string, size: number): Generator<Uint8Array> {
    const file = openForReading(source);
    try {
      for (let left = size; left > 0; ) {
        const read = readSync(file, this.#buffer, this.#used, Math.min(left, PIECE_BYTES - this.#used), null);
        if (read === 0)
          throw new OperationError(
            `Cannot stage "${Buffer.from(source, "latin1")}": the file was cut short while it was read; start again`,
          );
        left -= read;
        this.#used += read;
        if (this.#used === PIECE_BYTES) yield* this.rest();
      }
    } finally {
      closeSync(file);
    }
  }

  *rest(): Generator<Uint8Array> {
    const piece = this.#buffer.subarray(0, this.#used);
    this.#used = 0;
    if (piece.length > 0) yield piece;
  }
}

/** The tree was listed a moment ago; what has vanished or may not be read since then is named. */
function openForReading(source: string): number {
  try {
    return openSync(Buffer.from(source, "latin1"), "r");
  } catch (error) {
    throw new OperationError(cannotStage(source, error));
  }
}
