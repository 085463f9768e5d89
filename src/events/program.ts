import type { Program } from "../provider/operation.ts";

/** Operations of the events contract by wire name, and `prune`, which is ours. */
export const eventsProgram: Program = {
  name: "gc-events-k8s",
  operations: {
    "ensure-running": async () => (await import("./ensure-running.ts")).ensureRunning,
    record: async () => (await import("./record.ts")).record,
    list: async () => (await import("./list.ts")).list,
    "latest-seq": async () => (await import("./latest-seq.ts")).latestSeq,
    watch: async () => (await import("./watch.ts")).watch,
    prune: async () => (await import("./prune.ts")).prune,
  },
};
