import { existsSync, renameSync, rmSync } from "node:fs";
import type { Cluster } from "./layout.ts";

/**
 * Removes a cluster's directory; one that does not exist is fine. It is renamed first, so
 * that a cluster's directory is whole or not there, even if this ends in the middle.
 */
export function removeDirectory(cluster: Cluster): void {
  finishRemoval(cluster);
  if (existsSync(cluster.directory)) renameSync(cluster.directory, removedName(cluster));
  finishRemoval(cluster);
}

/** Removes what an interrupted removal left. */
export function finishRemoval(cluster: Cluster): void {
  rmSync(removedName(cluster), { recursive: true, force: true });
}

/** The files of a cluster that exist: its directory, and one whose removal was interrupted. */
export function directoriesOf(cluster: Cluster): string[] {
  return [cluster.directory, removedName(cluster)].filter((path) => existsSync(path));
}

function removedName(cluster: Cluster): string {
  return `${cluster.directory}.removed`; // no cluster's name has a dot
}
