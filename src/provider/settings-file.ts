import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { UsageError } from "./errors.ts";

/** The settings file stands beside the name the program was called by, so that a city's own link finds the city's file. */
export const SETTINGS_FILE = "gc-k8s.toml";

/** Values of the settings file: key → value as text. */
export interface SettingsFile {
  path: string;
  values: Record<string, string>;
}

/** Reads the settings file of `calledAs` (argv[0], links unresolved); undefined when there is none. */
export function readSettingsFile(calledAs: string, env: Record<string, string | undefined>): SettingsFile | undefined {
  const directory = calledAs.includes("/") ? dirname(calledAs) : directoryOnPath(calledAs, env);
  if (!directory) return undefined;
  const path = join(directory, SETTINGS_FILE);
  const text = readIfPresent(path);
  if (text === undefined) return undefined;
  return { path, values: parseSettings(text, path) };
}

function directoryOnPath(name: string, env: Record<string, string | undefined>): string | undefined {
  const found = Bun.which(name, { PATH: env["PATH"] ?? "" });
  return found ? dirname(found) : undefined;
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new UsageError(`Cannot read the settings file "${path}": ${code}`);
  }
}

/** Parses the file's text; lists and tables (tolerations, a node selector) become the JSON that their variables hold. */
export function parseSettings(text: string, path: string): Record<string, string> {
  let table: Record<string, unknown>;
  try {
    table = Bun.TOML.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`Cannot read the settings file "${path}": it is no TOML: ${(error as Error).message}`);
  }
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(table))
    values[key] = typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
  return values;
}
