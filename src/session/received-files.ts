import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { OperationError } from "../provider/errors.ts";

/** A line longer than this is none: file names have at most 4096 bytes. */
const LONGEST_LINE = 8192;
const LINE_END = 0x0a;

/** A file that is arriving: where it goes, how many bytes were announced, and how many of them are yet to come. */
interface Arriving {
  path: string;
  descriptor: number;
  size: number;
  left: number;
}

/** Takes a stream of files from a box and puts each below a directory as soon as all of it is there.
 * A file is a line `<bytes> <path in base64>`, so many bytes, and a line that tells how many of them are the file's: it may
 * have become shorter meanwhile. `-` instead of the bytes is a file that could not be read. The box is not trusted: a path
 * that leaves the directory ends the transfer, and nothing but regular files is ever made. */
export class ReceivedFiles {
  /** Files that are in place. */
  count = 0;
  readonly #scratch: string;
  readonly #unread: string[] = [];
  #line = Buffer.alloc(0);
  #file: Arriving | undefined;

  /** `directory` is made when it is missing. */
  constructor(readonly directory: string) {
    mkdirSync(directory, { recursive: true });
    this.#scratch = mkdtempSync(join(directory, ".gc-transcripts-"));
  }

  /** Takes the next bytes of the stream. */
  push(data: Uint8Array): void {
    for (let rest = Buffer.from(data.buffer, data.byteOffset, data.byteLength); rest.length > 0; )
      rest = this.#file && this.#file.left > 0 ? takeContent(this.#file, rest) : this.#takeLine(rest);
  }

  /** Throws when the stream ended within a file, or a file could not be read in the box. */
  finish(): void {
    if (this.#file || this.#line.length > 0) throw new OperationError("the stream of files ended early");
    if (this.#unread.length > 0)
      throw new OperationError(
        `the stream of files lacks ${this.#unread.length} that the box cannot read: "${this.#unread[0]}"`,
      );
  }

  /** Removes what is not in place; to be called at the end in any case. */
  cleanUp(): void {
    if (this.#file) closeSync(this.#file.descriptor);
    rmSync(this.#scratch, { recursive: true, force: true });
  }

  #takeLine(data: Buffer): Buffer {
    const end = data.indexOf(LINE_END);
    this.#line = Buffer.concat([this.#line, end < 0 ? data : data.subarray(0, end)]);
    if (this.#line.length > LONGEST_LINE) throw new OperationError("the stream of files holds no header");
    if (end < 0) return Buffer.alloc(0);
    const line = this.#line.toString("latin1");
    this.#line = Buffer.alloc(0);
    if (this.#file) this.#close(this.#file, line);
    else this.#open(line);
    return data.subarray(end + 1);
  }

  #open(header: string): void {
    const [, size = "", encoded = ""] = /^(\d{1,15}|-) ([A-Za-z0-9+/=]+)$/.exec(header) ?? [];
    const path = Buffer.from(encoded, "base64").toString("utf8").replace(/^\.\//, "");
    const isInside = path !== "" && path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
    if (size === "" || !isInside || path.includes("\0"))
      throw new OperationError(`the box sent a file that cannot be kept: "${path.slice(0, 80)}"`);
    if (size === "-") {
      this.#unread.push(path.slice(0, 80));
      return;
    }
    const target = join(this.#scratch, path);
    mkdirSync(dirname(target), { recursive: true });
    this.#file = { path, descriptor: openSync(target, "w", 0o600), size: Number(size), left: Number(size) };
  }

  #close({ path, descriptor, size }: Arriving, trailer: string): void {
    const bytes = /^\d{1,15}$/.test(trailer) ? Number(trailer) : Number.NaN;
    if (!(bytes <= size)) throw new OperationError("the stream of files holds no end of a file");
    ftruncateSync(descriptor, bytes);
    this.#file = undefined;
    closeSync(descriptor);
    const target = join(this.directory, path);
    mkdirSync(dirname(target), { recursive: true });
    renameSync(join(this.#scratch, path), target);
    this.count++;
  }
}

function takeContent(file: Arriving, data: Buffer): Buffer {
  const piece = data.subarray(0, file.left);
  writeSync(file.descriptor, piece);
  file.left -= piece.length;
  return data.subarray(piece.length);
}
