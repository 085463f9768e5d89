import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Gives `use` a directory that holds the files, by path below it, and removes it afterwards.
 * `@ROOT@` in a file stands for the directory. */
export async function withFiles(files: Record<string, string>, use: (root: string) => Promise<unknown>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "files-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), text.replaceAll("@ROOT@", root));
    }
    await use(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}
