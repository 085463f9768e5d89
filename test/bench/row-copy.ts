import { join } from "node:path";
import type { Place } from "./place.ts";
import type { Contest } from "./row.ts";
import { assertComplete, makeTree, sendByTar } from "./row-staging.ts";
import { startSession } from "./session.ts";

/** `copy-to` of a large tree, beside tar through `kubectl exec` into the same pod. Nothing is removed, as in staging. */
export async function copyContest(place: Place): Promise<Contest> {
  const tree = join(place.scratch, "copied");
  makeTree(tree);
  const session = "receiving";
  const { name } = (await startSession(place, session, { command: "exec sleep 1000000" })).metadata;
  let round = 0;
  let sent = 0;
  return {
    async ours() {
      const target = `tree-${round++}`;
      const { ms, MB } = place.oursWithMemory(["copy-to", session, tree, target]);
      assertComplete(place, name, `/workspace/${target}`);
      return { ms, MB };
    },
    theirs: {
      "tar | kubectl exec": async () => ({ ms: sendByTar(place, tree, name, `/workspace/by-tar-${sent++}`) }),
    },
  };
}
