/** One entry of a tar stream. Names are byte strings (each character one byte), because file names need not be UTF-8. */
export interface TarEntry {
  /** Path without leading slash, as a byte string; directories without trailing slash. */
  path: string;
  type: "file" | "directory" | "symlink";
  /** Permission bits. */
  mode: number;
  /** Seconds since the epoch. */
  mtime: number;
  /** Bytes of content that follow the header; 0 for directories and links. */
  size: number;
  /** Target of a symlink, as a byte string. */
  linkTarget?: string;
}

/** Headers and contents come in blocks of this many bytes. */
export const TAR_BLOCK = 512;
/** Two zero blocks end an archive (POSIX.1-1988 ustar). */
export const TAR_END = new Uint8Array(2 * TAR_BLOCK);

const TYPE_FLAGS = { file: "0", directory: "5", symlink: "2" } as const;
/** GNU tar's extensions for names over 100 bytes, which busybox's tar reads, too. */
const LONG_NAME = "L";
const LONG_LINK = "K";
/** Eleven octal digits hold sizes below 8 GiB. */
const MOST_OCTAL_SIZE = 8 ** 11;

/** The blocks that stand before an entry's content. */
export function tarHeader(entry: TarEntry): Uint8Array {
  const path = entry.type === "directory" ? `${entry.path}/` : entry.path;
  const link = entry.linkTarget ?? "";
  const parts = [
    ...(path.length > 100 ? [longText(LONG_NAME, path)] : []),
    ...(link.length > 100 ? [longText(LONG_LINK, link)] : []),
    block(path.slice(0, 100), TYPE_FLAGS[entry.type], entry, link.slice(0, 100)),
  ];
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
}

/** Bytes that an entry takes in the stream: headers, content and padding. */
export function tarEntryBytes(entry: TarEntry): number {
  return tarHeader(entry).length + entry.size + padding(entry.size);
}

/** Zero bytes that fill the last block of a content of `size` bytes. */
export function padding(size: number): number {
  return (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;
}

function longText(flag: string, text: string): Uint8Array {
  const size = text.length + 1;
  const header = block("././@LongLink", flag, { mode: 0o644, mtime: 0, size }, "");
  const content = Buffer.alloc(size + padding(size));
  content.write(text, "latin1");
  return Buffer.concat([header, content]);
}

function block(
  path: string,
  flag: string,
  { mode, mtime, size }: Pick<TarEntry, "mode" | "mtime" | "size">,
  link: string,
): Uint8Array {
  const header = Buffer.alloc(TAR_BLOCK);
  header.write(path, 0, "latin1");
  header.write(octal(mode & 0o7777, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  if (size < MOST_OCTAL_SIZE) header.write(octal(size, 11), 124);
  else {
    // Base-256: the high bit of the first byte marks it (GNU tar).
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  header.write(octal(Math.max(0, Math.floor(mtime)), 11), 136);
  header.write("        ", 148);
  header.write(flag, 156);
  header.write(link, 157, "latin1");
  header.write("ustar  ", 257);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${octal(sum, 6)}\0 `, 148);
  return header;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
