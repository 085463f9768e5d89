import { crc32 } from "node:zlib";

/** The checksum that POSIX `cksum` prints of a stream. zlib's CRC-32 has the same polynomial and takes each byte's lowest
 * bit first, so it gets every byte mirrored and its result is mirrored back. */
export class Checksum {
  #crc = 0xffffffff;
  #length = 0;
  readonly #words = new Uint32Array(16_384);

  /** Takes the next bytes of the stream. */
  update(data: Uint8Array): this {
    const most = this.#words.byteLength;
    for (let start = 0; start < data.length; start += most) this.#take(data.subarray(start, start + most));
    this.#length += data.length;
    return this;
  }

  /** `<CRC in decimal> <bytes>`, as `cksum` prints them. It ends the stream. */
  digest(): string {
    const bytes = this.#length;
    // POSIX appends the length, lowest byte first, in as many bytes as it needs.
    const length: number[] = [];
    for (let rest = bytes; rest > 0; rest = Math.floor(rest / 256)) length.push(rest % 256);
    this.#take(Uint8Array.from(length));
    const crc = Buffer.alloc(4);
    crc.writeUInt32LE(mirrored(this.#crc) >>> 0);
    return `${crc.readUInt32BE()} ${bytes}`;
  }

  #take(data: Uint8Array): void {
    const words = this.#words;
    const bytes = new Uint8Array(words.buffer, 0, data.length);
    bytes.set(data);
    const used = Math.ceil(data.length / 4);
    for (let index = 0; index < used; index++) words[index] = mirrored(words[index] ?? 0);
    this.#crc = crc32(bytes, this.#crc);
  }
}

/** The word with the bits of each of its bytes in reverse order: neighbours swap, then pairs, then halves. */
function mirrored(word: number): number {
  const pairs = ((word >>> 1) & 0x55555555) | ((word & 0x55555555) << 1);
  const halves = ((pairs >>> 2) & 0x33333333) | ((pairs & 0x33333333) << 2);
  return ((halves >>> 4) & 0x0f0f0f0f) | ((halves & 0x0f0f0f0f) << 4);
}
