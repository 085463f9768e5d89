import { posix } from "node:path";
import type { Staged } from "./tar-stream.ts";

/** Links that are followed before a path counts as leading nowhere, as the kernel does it. */
const MOST_LINKS = 40;

/** Where a directory's path leads among what is staged below `root`, by the links that are staged, and whether a
 * directory is staged there. Undefined when it leads out of `root` or to a file. Paths are byte strings without leading slash. */
export function stagedPath(
  entries: ReadonlyMap<string, Staged>,
  root: string,
  path: string,
): { path: string; isStaged: boolean } | undefined {
  let links = 0;
  let found = "";
  const names = path.split("/");
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    const next = posix.join(found, name);
    const entry = entries.get(next);
    if (entry?.type === "file") return undefined;
    if (entry?.type !== "symlink") found = next;
    else if (++links > MOST_LINKS) return undefined;
    else {
      const { linkTarget = "" } = entry;
      if (linkTarget.startsWith("/")) found = "";
      names.unshift(...linkTarget.split("/").filter((each) => each !== ""));
    }
  }
  if (found !== root && !found.startsWith(`${root}/`)) return undefined;
  return { path: found, isStaged: found === root || entries.has(found) };
}
