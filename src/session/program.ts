import type { Program } from "../provider/operation.ts";
import { attach } from "./attach.ts";
import { checkImage } from "./check-image.ts";
import { clearScrollback } from "./clear-scrollback.ts";
import { copyFrom } from "./copy-from.ts";
import { copyTo } from "./copy-to.ts";
import { exec } from "./exec.ts";
import { getLastActivity } from "./get-last-activity.ts";
import { getMeta } from "./get-meta.ts";
import { isAttached } from "./is-attached.ts";
import { isRunning } from "./is-running.ts";
import { listRunning } from "./list-running.ts";
import { nudge } from "./nudge.ts";
import { peek } from "./peek.ts";
import { processAlive } from "./process-alive.ts";
import { protocol } from "./protocol.ts";
import { provision } from "./provision.ts";
import { removeMeta } from "./remove-meta.ts";
import { interrupt, sendKeys } from "./send-keys.ts";
import { setMeta } from "./set-meta.ts";
import { start } from "./start.ts";
import { stop } from "./stop.ts";
import { watchStartup } from "./watch-startup.ts";

/** Operations of the session contract by wire name. */
export const sessionProgram: Program = {
  name: "gc-session-k8s",
  operations: {
    protocol,
    start,
    stop,
    "is-running": isRunning,
    "list-running": listRunning,
    peek,
    nudge,
    "send-keys": sendKeys,
    interrupt,
    attach,
    exec,
    "is-attached": isAttached,
    "process-alive": processAlive,
    "get-last-activity": getLastActivity,
    "clear-scrollback": clearScrollback,
    "set-meta": setMeta,
    "get-meta": getMeta,
    "remove-meta": removeMeta,
    "copy-to": copyTo,
    "copy-from": copyFrom,
    "check-image": checkImage,
    provision,
    "watch-startup": watchStartup,
  },
};
