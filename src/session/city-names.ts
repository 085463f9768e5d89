import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { WORKSPACE } from "../pod/box.ts";

/** Names that gc in a box may know its city by: it asks for tmux's server by that name (`tmux -L NAME`).
 * The city's own name stands in `city.toml` or, as chosen on this machine, in `.gc/site.toml`; else it is the name of
 * the city's directory, which the box has under another path. */
export function cityNames(city: string): string[] {
  if (city === "") return [];
  const configured = [
    tableOf(`${city}/.gc/site.toml`)["workspace_name"],
    (tableOf(`${city}/city.toml`)["workspace"] as { name?: unknown } | undefined)?.name,
  ];
  const names = [...configured, basename(city), basename(WORKSPACE)];
  return [...new Set(names.filter(isSocketName))];
}

function isSocketName(name: unknown): name is string {
  return typeof name === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name) && name !== "default";
}

/** The file's table; an empty one when there is none, or none that can be read: gc itself reports that. */
function tableOf(path: string): Record<string, unknown> {
  try {
    return Bun.TOML.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  } catch {
    return {};
  }
}
