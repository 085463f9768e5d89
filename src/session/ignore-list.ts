import { readFileSync } from "node:fs";

/** Name of the file, at the top of a staged directory, that lists what of it stays behind. */
const IGNORE_FILE = ".gcignore";

/** Whether a path below the directory (a byte string) is left out. */
export type IsIgnored = (path: string, isDirectory: boolean) => boolean;

/** What stays behind of `directory`: patterns of the setting and of the directory's own file, as in `.gitignore`.
 * Undefined when there are none, which costs nothing. */
export async function ignoreList(directory: string, setting: string): Promise<IsIgnored | undefined> {
  const patterns = [...setting.split(",").map((each) => each.trim()), ...linesOf(`${directory}/${IGNORE_FILE}`)].filter(
    (line) => line.trim() !== "",
  );
  if (patterns.length === 0) return undefined;
  const { default: ignore } = await import("ignore");
  const list = ignore({ ignorecase: false }).add(patterns);
  return (path, isDirectory) => {
    const text = Buffer.from(path, "latin1").toString("utf8");
    return list.ignores(isDirectory ? `${text}/` : text);
  };
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}
