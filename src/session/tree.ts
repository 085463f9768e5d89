import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { OperationError } from "../provider/errors.ts";
import type { IsIgnored } from "./ignore-list.ts";
import type { TarEntry } from "./tar-header.ts";

/** One file, directory or link to stage: where it is, and its entry in the stream. */
export interface TreeEntry extends TarEntry {
  /** Absolute path on this machine, as a byte string. */
  source: string;
}

/** How a directory is read. */
export interface TreeOptions {
  /** Path in the stream that the directory's contents go below, without slashes at its ends. */
  target: string;
  /** Left out: entries of the top level with these names. */
  excludeTop: ReadonlySet<string>;
  /** Left out at any depth, a directory with all that it holds. */
  isIgnored?: IsIgnored | undefined;
  /** Told of each file and directory that may not be read, which is then left out; without it one is an error. */
  onUnreadable?: ((problem: string) => void) | undefined;
}

/** Every entry below `root`, parents first, links as links (never followed); sockets, pipes and devices are left out.
 * Contents are not read. A `root` that does not exist has no entries. */
export function readTree(root: string, options: TreeOptions): TreeEntry[] {
  const entries: TreeEntry[] = [];
  const rootBytes = bytesOf(root);
  // An explicit stack: a hostile tree may be deeper than the call stack.
  const directories = [""];
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    for (const name of children(join(rootBytes, directory), options)) {
      if (directory === "" && options.excludeTop.has(name)) continue;
      const path = join(directory, name);
      const entry = treeEntry(join(rootBytes, path), join(options.target, path), lstatSync);
      if (!entry || options.isIgnored?.(path, entry.type === "directory")) continue;
      if (entry.type === "file" && options.onUnreadable && !isReadable(entry, options.onUnreadable)) continue;
      entries.push(entry);
      if (entry.type === "directory") directories.push(path);
    }
  }
  return entries;
}

/** Names as byte strings: a name need not be UTF-8. */
function children(directory: string, { onUnreadable }: TreeOptions): string[] {
  try {
    return readdirSync(Buffer.from(directory, "latin1"), { encoding: "buffer" }).map((name) => name.toString("latin1"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    const problem = cannotStage(directory, error);
    if (!onUnreadable) throw new OperationError(problem);
    onUnreadable(problem);
    return [];
  }
}

/** Asked beforehand, because a stream that has begun has promised the file; of what everybody may read nobody is asked. */
function isReadable({ source, mode }: TreeEntry, onUnreadable: (problem: string) => void): boolean {
  if (mode & 0o004) return true;
  try {
    closeSync(openSync(Buffer.from(source, "latin1"), "r"));
    return true;
  } catch (error) {
    onUnreadable(cannotStage(source, error));
    return false;
  }
}

/** Why a path (a byte string) cannot be read. */
export function cannotStage(source: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  const why =
    code === "ENOENT"
      ? "it vanished while it was read; start again"
      : `${code}; make it readable, or leave it out by GC_K8S_STAGING_IGNORE`;
  return `Cannot stage "${Buffer.from(source, "latin1")}": ${why}`;
}

/** The entry of one file or directory that was named by its path, also by a link to it, wherever that leads: who names
 * it wants it. Undefined when it is neither, or gone. */
export function readEntry(source: string, path: string): TreeEntry | undefined {
  return treeEntry(bytesOf(source), path, statSync);
}

function treeEntry(source: string, path: string, look: typeof lstatSync): TreeEntry | undefined {
  const bytes = Buffer.from(source, "latin1");
  const stat = look(bytes, { throwIfNoEntry: false });
  if (!stat) return undefined;
  const common = { source, path, mode: stat.mode & 0o7777, mtime: stat.mtimeMs / 1000, size: 0 };
  if (stat.isDirectory()) return { ...common, type: "directory", mode: common.mode | 0o700 };
  if (stat.isFile()) return { ...common, type: "file", size: stat.size };
  if (!stat.isSymbolicLink()) return undefined;
  return { ...common, type: "symlink", linkTarget: readlinkSync(bytes, { encoding: "buffer" }).toString("latin1") };
}

function join(parent: string, child: string): string {
  if (child === "") return parent;
  return parent === "" ? child : `${parent}/${child}`;
}

/** The UTF-8 bytes of a text as a byte string. */
export function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
