import { removeDirectory } from "./cluster-directory.ts";
import { clusterNamed } from "./layout.ts";
import { leftovers } from "./leftovers.ts";
import { withLock } from "./lock.ts";
import { refuseForeign, stopNode } from "./node-process.ts";
import { say, step } from "./progress.ts";

/** Removes a cluster and everything of it, whatever state it is in; one that does not exist is fine. */
export async function down(name: string): Promise<void> {
  const cluster = clusterNamed(name);
  const wait = () => say(`Waiting for another "up" or "down" of cluster "${name}"`);
  await withLock(`cluster-${name}`, wait, async () => {
    await step(`Removing cluster "${name}"`, async () => {
      refuseForeign(cluster);
      await stopNode(cluster);
      removeDirectory(cluster);
      const left = await leftovers(name);
      if (left.length > 0) throw new Error(`Cannot remove all of cluster "${name}": left are ${left.join(", ")}`);
    });
  });
}
