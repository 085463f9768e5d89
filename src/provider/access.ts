import { type AccessRule, rule } from "./access-rule.ts";

const podsRead = rule("", "pods", "get");
const podsWatch = rule("", "pods", "get", "watch");
const podsList = rule("", "pods", "list");
/** The upgrade of a WebSocket is a GET; servers from 1.35 on also ask for `create`, as for the POST of old. */
const exec = rule("", "pods/exec", "get", "create");
const podLog = rule("", "pods/log", "get");

/** What every operation needs that runs a script in a box: where none can run, the pod tells why. */
const drive = [exec, podsRead];
/** What also reads how an ended box ended. */
const driveOrEnd = [exec, podsWatch];
/** What makes a box and looks into it; events tell why a pod cannot run. */
const box = [rule("", "pods", "get", "watch", "create", "delete"), exec, rule("", "events", "list")];
/** What also launches in it; the list serves GC_K8S_MAX_PENDING, claims serve GC_K8S_WORKSPACE, the log tells what an agent
 * wrote that has ended. */
const bringUp = [
  ...box,
  rule("", "pods", "list", "patch"),
  podLog,
  rule("", "persistentvolumeclaims", "get", "create"),
];

const runnerLook = [rule("apps", "statefulsets", "get"), exec];
const runnerStop = [rule("", "pods", "get", "delete"), rule("apps", "statefulsets", "get", "patch")];
/** Makes the runner that is missing, and replaces one that is lost. */
const runnerStart = [...runnerStop, rule("apps", "statefulsets", "create")];
const beads = [...runnerStart, exec];

const eventsRead = [rule("", "configmaps", "list")];

/** Rights that each operation of each program needs, by wire name; the Roles of `deploy/rbac.yaml` are made of them. */
export const access: Record<string, Record<string, AccessRule[]>> = {
  "gc-session-k8s": {
    protocol: [],
    start: bringUp,
    provision: bringUp,
    "check-image": box,
    stop: [rule("", "pods", "get", "watch", "delete"), exec],
    "is-running": [podsRead],
    "list-running": [podsList],
    peek: [...driveOrEnd, podLog],
    nudge: drive,
    "send-keys": drive,
    interrupt: drive,
    attach: [exec],
    exec: drive,
    "is-attached": drive,
    "process-alive": drive,
    "get-last-activity": driveOrEnd,
    "clear-scrollback": drive,
    "set-meta": drive,
    "get-meta": driveOrEnd,
    "remove-meta": drive,
    "copy-to": drive,
    "copy-from": drive,
    "watch-startup": [exec],
  },
  "gc-beads-k8s": {
    ...Object.fromEntries(
      [
        ...["create", "get", "update", "close", "reopen", "delete", "list", "children", "list-by-label", "ready"],
        ...["set-metadata", "dep-add", "dep-remove", "dep-list", "init", "recover", "purge"],
      ].map((operation) => [operation, beads]),
    ),
    ...{ start: runnerStart, "ensure-ready": runnerStart, stop: runnerStop, shutdown: runnerStop },
    ...{ health: runnerLook, probe: runnerLook },
  },
  "gc-events-k8s": {
    "ensure-running": [],
    // A record whose answer was lost looks for what it made; now and then one prunes.
    record: [rule("", "configmaps", "get", "list", "create", "delete")],
    list: eventsRead,
    "latest-seq": eventsRead,
    watch: [rule("", "configmaps", "list", "watch")],
    prune: [rule("", "configmaps", "list", "delete")],
  },
};
