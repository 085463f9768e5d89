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
/** What makes a box and launches in it. Claims, events and the list serve GC_K8S_WORKSPACE, broken starts and GC_K8S_MAX_PENDING. */
const bringUp = [
  rule("", "pods", "get", "list", "watch", "create", "patch", "delete"),
  exec,
  podLog,
  rule("", "events", "list"),
  rule("", "persistentvolumeclaims", "get", "create"),
];

/** What every operation of beads needs: it makes the runner that it misses, and replaces one that is lost. */
const beads = [exec, rule("", "pods", "get", "delete"), rule("apps", "statefulsets", "get", "create", "patch")];

const eventsRead = [rule("", "configmaps", "list")];

/** Rights that each operation of each program needs, by wire name; the Roles of `deploy/rbac.yaml` are made of them. */
export const access: Record<string, Record<string, AccessRule[]>> = {
  "gc-session-k8s": {
    protocol: [],
    start: bringUp,
    provision: bringUp,
    "check-image": bringUp,
    stop: [rule("", "pods", "get", "watch", "delete"), exec],
    "is-running": [podsRead],
    "list-running": [podsList],
    peek: [...driveOrEnd, podLog],
    nudge: drive,
    "send-keys": drive,
    interrupt: drive,
    attach: drive,
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
    "watch-startup": drive,
  },
  "gc-beads-k8s": Object.fromEntries(
    [
      ...["create", "get", "update", "close", "reopen", "delete", "list", "children", "list-by-label", "ready"],
      ...["set-metadata", "dep-add", "dep-remove", "dep-list"],
      ...["start", "stop", "init", "health", "recover", "probe", "purge", "ensure-ready", "shutdown"],
    ].map((operation) => [operation, beads]),
  ),
  "gc-events-k8s": {
    "ensure-running": eventsRead,
    // A record now and then prunes.
    record: [rule("", "configmaps", "get", "list", "create", "delete")],
    list: eventsRead,
    "latest-seq": eventsRead,
    watch: [rule("", "configmaps", "get", "list", "watch")],
    prune: [rule("", "configmaps", "list", "delete")],
  },
};
