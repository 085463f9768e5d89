import type { Program } from "../provider/operation.ts";
import { ensureRunning } from "./ensure-running.ts";
import { latestSeq } from "./latest-seq.ts";
import { list } from "./list.ts";
import { prune } from "./prune.ts";
import { record } from "./record.ts";
import { watch } from "./watch.ts";

/** Operations of the events contract by wire name, and `prune`, which is ours. */
export const eventsProgram: Program = {
  name: "gc-events-k8s",
  operations: {
    "ensure-running": ensureRunning,
    record,
    list,
    "latest-seq": latestSeq,
    watch,
    prune,
  },
};
