import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "./layout.ts";
import { withLock } from "./lock.ts";

/** Something built from sources, kept in the cache under the hash of these sources. */
export interface Buildable {
  kind: string;
  /** Hash of everything the result depends on. */
  hash: string;
  /** Builds into an empty directory. */
  build: (directory: string) => Promise<void>;
}

/** The directory in which a built thing is, or will be. */
export function builtDirectory({ kind, hash }: Pick<Buildable, "kind" | "hash">): string {
  return join(cacheDirectory(), kind, hash);
}

/** Returns the directory of a built thing and builds it first if it is missing. Older ones of its kind go away. */
export async function ensureBuilt(thing: Buildable): Promise<string> {
  const result = builtDirectory(thing);
  if (existsSync(result)) return result;
  return await withLock(
    `build-${thing.kind}`,
    () => process.stderr.write(`Waiting for another process that builds ${thing.kind}\n`),
    async () => {
      if (existsSync(result)) return result;
      const parent = join(cacheDirectory(), thing.kind);
      mkdirSync(parent, { recursive: true });
      removeAll(parent, (name) => name.startsWith("unfinished-"));
      const unfinished = mkdtempSync(join(parent, "unfinished-"));
      await thing.build(unfinished);
      renameSync(unfinished, result);
      removeAll(parent, (name) => name !== thing.hash);
      return result;
    },
  );
}

function removeAll(parent: string, isOld: (name: string) => boolean): void {
  for (const name of readdirSync(parent).filter(isOld)) rmSync(join(parent, name), { recursive: true });
}

/** Hashes named texts and the regular files of directories, by content and path. */
export function hashSources(texts: string[], directories: string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text.length}:${text}`);
  for (const directory of directories) {
    for (const path of readdirSync(directory).sort()) {
      const content = readFileSync(join(directory, path));
      hash.update(`${path}:${content.length}:`).update(content);
    }
  }
  return hash.digest("hex").slice(0, 16);
}
