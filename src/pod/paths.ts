import { WORKSPACE } from "./box.ts";

/** Path in the box for a controller's path in or at the city; undefined for one outside of it.
 * Only whole components match: a city `/city` does not hold `/city2`. */
export function podPath(path: string, city: string): string | undefined {
  if (city === "" || city === "/") return undefined;
  const root = city.replace(/\/+$/, "");
  const clean = path.replace(/\/+$/, "");
  if (clean === root) return WORKSPACE;
  return clean.startsWith(`${root}/`) ? WORKSPACE + clean.slice(root.length) : undefined;
}

/** Work directory in the box: below `/workspace` for one inside the city, else `/workspace` itself. */
export function podWorkDir(workDir: string, city: string): string {
  return podPath(workDir, city) ?? WORKSPACE;
}

/** Replaces the controller's city path in a command where it stands as whole path components. */
export function projectCommand(command: string, city: string): string {
  const root = city.replace(/\/+$/, "");
  if (root === "") return command;
  const pattern = new RegExp(`(?<![A-Za-z0-9._/-])${RegExp.escape(root)}(?![A-Za-z0-9._-])`, "g");
  return command.replace(pattern, WORKSPACE);
}
