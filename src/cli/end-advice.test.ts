import { expect, test } from "bun:test";
import type { PreviousEnd } from "../pod/previous-end.ts";
import { endAdvice } from "./end-advice.ts";

test.each<[Partial<PreviousEnd>, string]>([
  [{ reason: "OOMKilled", exitCode: 137 }, "GC_K8S_MEM_LIMIT"],
  [{ reason: "Evicted", message: "The node was low on resource: memory." }, "node ran short"],
  [{ reason: "Evicted", message: "Usage of EmptyDir volume exceeds the limit" }, "more storage than it may use"],
  [{ reason: "EvictionByEvictionAPI", message: "Eviction API: evicting" }, "drained"],
  [{ reason: "Error", cause: "exited", exitCode: 127 }, "not in the image"],
  [{ reason: "Error", cause: "stopped", exitCode: 143 }, "told to stop"],
  [{ reason: "Error", cause: "exited", exitCode: 3 }, "last lines"],
  [{ reason: "Completed", cause: "exited", exitCode: 0 }, "with success"],
  [{}, "look at its events"],
])("%j: %s", (end, words) => {
  expect(endAdvice({ podUid: "u", ...end })).toContain(words);
});
