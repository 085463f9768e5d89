import { readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import type { Scope } from "./city.ts";

/** Databases that belong to the server. */
const RESERVED = ["information_schema", "mysql", "dolt", "dolt_cluster", "performance_schema", "sys", "__gc_probe"];

/** The name if a database may have it; throws `UsageError` otherwise. */
export function checkedDatabase(name: string): string {
  if (!/^[A-Za-z_][-A-Za-z0-9_]{0,63}$/.test(name))
    throw new UsageError(
      `Cannot use the database "${name.slice(0, 80)}": its name must be letters, digits, '-' and '_', and begin with no digit`,
    );
  if (RESERVED.includes(name.toLowerCase()))
    throw new UsageError(`Cannot use the database "${name}": the server has it for itself`);
  return name;
}

/** Databases that a scope may have when nobody says which: the one that gc would name, then one that no other city has. */
export function databaseCandidates(context: Context, scope: Scope, directory: string): string[] {
  const named = configuredDatabase(directory);
  if (named) return [checkedDatabase(named)];
  const isCity = context.env["GC_STORE_SCOPE"] === "city" || samePath(directory, cityPath(context));
  // gc names a rig's database after its prefix.
  return [isCity ? "hq" : scope.prefix, ownDatabase(scope)];
}

/** A name that no other city gives a database of its own. */
export function ownDatabase({ city, prefix }: Scope): string {
  const letters = `${city.name}_${prefix}`.replace(/[^A-Za-z0-9_]/g, "_").replace(/^\d/, "_$&");
  return letters.slice(0, 64);
}

/** What `.beads/metadata.json` of the scope says, on the machine that gc runs on. */
function configuredDatabase(directory: string): string | undefined {
  try {
    const text = readFileSync(join(directory, ".beads/metadata.json"), "utf8");
    const { dolt_database: name } = JSON.parse(text) as { dolt_database?: unknown };
    return typeof name === "string" && name !== "" ? name : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`Cannot read "${directory}/.beads/metadata.json": no JSON`);
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES") return undefined;
    throw error;
  }
}

/** The city's directory as gc names it, links resolved where that is possible; "" = not told. */
export function cityPath(context: Context): string {
  return resolved(context.env["GC_CITY_PATH"] || context.env["GC_CITY"] || "");
}

/** A path with its links resolved, as it is when it does not exist here. */
export function resolved(path: string): string {
  if (path === "") return "";
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) return path.replace(/\/+$/, "") || "/";
    throw error;
  }
}

function samePath(one: string, other: string): boolean {
  return one !== "" && resolved(one) === other;
}
