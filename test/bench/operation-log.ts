import { readFileSync } from "node:fs";

/** Milliseconds by phase of an operation log's only line; empty for an executable that keeps no such log. */
export function phases(path: string): Record<string, number> {
  try {
    const entry = JSON.parse(readFileSync(path, "utf8")) as { phases: Record<string, number> };
    return Object.fromEntries(Object.entries(entry.phases).map(([name, ms]) => [`phase ${name}, ms`, ms]));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}
