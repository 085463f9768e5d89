import { closeSync, mkdirSync, mkdtempSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { OperationError } from "../provider/errors.ts";

/** A header longer than this is no header: file names have at most 4096 bytes. */
const LONGEST_HEADER = 8192;
const LINE_END = 0x0a;

/** Takes a stream of files from a box and puts them below a directory, all of them or none.
 * Each is a line `<size in bytes> <path in base64>` and its bytes. The box is not trusted: a path that leaves the
 * directory ends the transfer, and nothing but regular files is ever made. */
export class ReceivedFiles {
  readonly #scratch: string;
  readonly #paths: string[] = [];
  #header = Buffer.alloc(0);
  #file: { descriptor: number; left: number } | undefined;

  /** `directory` is made when it is missing. */
  constructor(readonly directory: string) {
    mkdirSync(directory, { recursive: true });
    this.#scratch = mkdtempSync(join(directory, ".gc-transcripts-"));
  }

  /** Takes the next bytes of the stream. */
  push(data: Uint8Array): void {
    for (let rest = Buffer.from(data.buffer, data.byteOffset, data.byteLength); rest.length > 0; )
      rest = this.#file ? this.#takeContent(this.#file, rest) : this.#takeHeader(rest);
  }

  /** Puts the files in place; throws when the stream ended within one. */
  finish(): void {
    if (this.#file || this.#header.length > 0) throw new OperationError("the stream of files ended early");
    for (const path of this.#paths) {
      const target = join(this.directory, path);
      mkdirSync(dirname(target), { recursive: true });
      renameSync(join(this.#scratch, path), target);
    }
  }

  /** Removes what is not in place; to be called at the end in any case. */
  cleanUp(): void {
    if (this.#file) closeSync(this.#file.descriptor);
    rmSync(this.#scratch, { recursive: true, force: true });
  }

  #takeHeader(data: Buffer): Buffer<ArrayBuffer> | Buffer {
    const end = data.indexOf(LINE_END);
    this.#header = Buffer.concat([this.#header, end < 0 ? data : data.subarray(0, end)]);
    if (this.#header.length > LONGEST_HEADER) throw new OperationError("the stream of files holds no header");
    if (end < 0) return Buffer.alloc(0);
    this.#open(this.#header.toString("latin1"));
    this.#header = Buffer.alloc(0);
    return data.subarray(end + 1);
  }

  #open(header: string): void {
    const [, size = "", encoded = ""] = /^(\d{1,15}) ([A-Za-z0-9+/=]+)$/.exec(header) ?? [];
    const path = Buffer.from(encoded, "base64").toString("utf8").replace(/^\.\//, "");
    const isInside = path !== "" && path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
    if (size === "" || !isInside || path.includes("\0"))
      throw new OperationError(`the box sent a file that cannot be kept: "${path.slice(0, 80)}"`);
    const target = join(this.#scratch, path);
    mkdirSync(dirname(target), { recursive: true });
    this.#paths.push(path);
    this.#file = { descriptor: openSync(target, "w", 0o600), left: Number(size) };
    if (this.#file.left === 0) this.#close();
  }

  #takeContent(file: { descriptor: number; left: number }, data: Buffer): Buffer {
    const piece = data.subarray(0, file.left);
    writeSync(file.descriptor, piece);
    file.left -= piece.length;
    if (file.left === 0) this.#close();
    return data.subarray(piece.length);
  }

  #close(): void {
    if (this.#file) closeSync(this.#file.descriptor);
    this.#file = undefined;
  }
}
