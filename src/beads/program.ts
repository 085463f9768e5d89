import type { Program } from "../provider/operation.ts";

/** Operations of the beads contract by wire name. `config-set` and `mol-cook` stand in no row: gc calls neither, and to
 * their old callers 2 means "not needed". */
export const beadsProgram: Program = {
  name: "gc-beads-k8s",
  operations: {
    create: async () => (await import("./create.ts")).create,
    get: async () => (await import("./get.ts")).get,
    update: async () => (await import("./update.ts")).update,
    close: async () => (await import("./close.ts")).close,
    reopen: async () => (await import("./reopen.ts")).reopen,
    delete: async () => (await import("./delete.ts")).deleteBead,
    list: async () => (await import("./list.ts")).list,
    children: async () => (await import("./children.ts")).children,
    "list-by-label": async () => (await import("./list-by-label.ts")).listByLabel,
    ready: async () => (await import("./ready.ts")).ready,
    "set-metadata": async () => (await import("./set-metadata.ts")).setMetadata,
    "dep-add": async () => (await import("./dep-add.ts")).depAdd,
    "dep-remove": async () => (await import("./dep-remove.ts")).depRemove,
    "dep-list": async () => (await import("./dep-list.ts")).depList,
    start: async () => (await import("./start.ts")).start,
    stop: async () => (await import("./stop.ts")).stop,
    init: async () => (await import("./init.ts")).init,
    health: async () => (await import("./health.ts")).health,
    recover: async () => (await import("./recover.ts")).recover,
    probe: async () => (await import("./probe.ts")).probe,
    purge: async () => (await import("./purge.ts")).purge,
    // Names of older versions.
    "ensure-ready": async () => (await import("./start.ts")).start,
    shutdown: async () => (await import("./stop.ts")).stop,
  },
};
