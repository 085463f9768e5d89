import type { Program } from "../provider/operation.ts";
import { children } from "./children.ts";
import { close } from "./close.ts";
import { create } from "./create.ts";
import { deleteBead } from "./delete.ts";
import { depAdd } from "./dep-add.ts";
import { depList } from "./dep-list.ts";
import { depRemove } from "./dep-remove.ts";
import { get } from "./get.ts";
import { health } from "./health.ts";
import { init } from "./init.ts";
import { list } from "./list.ts";
import { listByLabel } from "./list-by-label.ts";
import { probe } from "./probe.ts";
import { purge } from "./purge.ts";
import { ready } from "./ready.ts";
import { recover } from "./recover.ts";
import { reopen } from "./reopen.ts";
import { setMetadata } from "./set-metadata.ts";
import { start } from "./start.ts";
import { stop } from "./stop.ts";
import { update } from "./update.ts";

/** Operations of the beads contract by wire name. `config-set` and `mol-cook` stand in no row: gc calls neither, and to
 * their old callers 2 means "not needed". */
export const beadsProgram: Program = {
  name: "gc-beads-k8s",
  operations: {
    create,
    get,
    update,
    close,
    reopen,
    delete: deleteBead,
    list,
    children,
    "list-by-label": listByLabel,
    ready,
    "set-metadata": setMetadata,
    "dep-add": depAdd,
    "dep-remove": depRemove,
    "dep-list": depList,
    start,
    stop,
    init,
    health,
    recover,
    probe,
    purge,
    // Names of older versions.
    "ensure-ready": start,
    shutdown: stop,
  },
};
