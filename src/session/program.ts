import type { Program } from "../provider/operation.ts";

/** Operations of the session contract by wire name. */
export const sessionProgram: Program = {
  name: "gc-session-k8s",
  operations: {
    protocol: async () => (await import("./protocol.ts")).protocol,
    start: async () => (await import("./start.ts")).start,
    stop: async () => (await import("./stop.ts")).stop,
    "is-running": async () => (await import("./is-running.ts")).isRunning,
    "list-running": async () => (await import("./list-running.ts")).listRunning,
    peek: async () => (await import("./peek.ts")).peek,
    nudge: async () => (await import("./nudge.ts")).nudge,
    "send-keys": async () => (await import("./send-keys.ts")).sendKeys,
    interrupt: async () => (await import("./send-keys.ts")).interrupt,
    attach: async () => (await import("./attach.ts")).attach,
    exec: async () => (await import("./exec.ts")).exec,
    "is-attached": async () => (await import("./is-attached.ts")).isAttached,
    "process-alive": async () => (await import("./process-alive.ts")).processAlive,
    "get-last-activity": async () => (await import("./get-last-activity.ts")).getLastActivity,
    "clear-scrollback": async () => (await import("./clear-scrollback.ts")).clearScrollback,
    "set-meta": async () => (await import("./set-meta.ts")).setMeta,
    "get-meta": async () => (await import("./get-meta.ts")).getMeta,
    "remove-meta": async () => (await import("./remove-meta.ts")).removeMeta,
    "copy-to": async () => (await import("./copy-to.ts")).copyTo,
    "copy-from": async () => (await import("./copy-from.ts")).copyFrom,
    "check-image": async () => (await import("./check-image.ts")).checkImage,
    provision: async () => (await import("./provision.ts")).provision,
    "watch-startup": async () => (await import("./watch-startup.ts")).watchStartup,
  },
};
