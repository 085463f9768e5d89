import type { Limit, Row } from "./row.ts";
import { beadContest, beadOperations, depListRateContest, firstBeadContest, listBeadsContest } from "./row-beads.ts";
import { copyContest } from "./row-copy.ts";
import { drivingContest, execTrue, getMeta, setMeta } from "./row-driving.ts";
import { latestSeqContest, listEventsContest, recordContest, watchContest } from "./row-events.ts";
import { isRunningContest } from "./row-is-running.ts";
import { listRunningContest } from "./row-list-running.ts";
import { memoryContest } from "./row-memory.ts";
import { peekContest } from "./row-peek.ts";
import { protocolContest } from "./row-protocol.ts";
import { reconcilerContest } from "./row-reconciler.ts";
import { restartContest } from "./row-restart.ts";
import { stagingContest } from "./row-staging.ts";
import { startContest } from "./row-start.ts";

/** An operation of one exec. */
const DRIVING_LIMITS: Limit[] = [
  { figure: "ms", against: "minimal exec", most: 1.3 },
  { figure: "ms", against: "kubectl exec", most: 0.75 },
];
const SLEEP = { name: "sleep", command: "exec sleep 1000000" };
const STUBBORN = { name: "stubborn", command: `trap "" TERM HUP; while :; do sleep 1; done` };

/** Operations of milliseconds differ by as many from one run to the next. */
const RUNS_EACH = 4;

/** Everything that is measured, with its limits. */
export const rows: Row[] = [
  {
    id: "protocol",
    what: "`protocol`: the empty operation",
    limits: [{ figure: "ms", against: "empty program", most: 2 }],
    mostRuns: 1000,
    runsEach: RUNS_EACH,
    quickRuns: 10,
    open: protocolContest,
  },
  {
    id: "is-running",
    what: "`is-running`",
    limits: [
      { figure: "ms", against: "curl", most: 1.3 },
      { figure: "ms", against: "kubectl get pod", most: 0.4 },
    ],
    mostRuns: 1000,
    runsEach: RUNS_EACH,
    quickRuns: 10,
    open: isRunningContest,
  },
  {
    id: "peek",
    what: "`peek`",
    limits: DRIVING_LIMITS,
    mostRuns: 1000,
    runsEach: RUNS_EACH,
    quickRuns: 10,
    open: peekContest,
  },
  {
    id: "get-meta",
    what: "`get-meta`",
    limits: DRIVING_LIMITS,
    mostRuns: 1000,
    runsEach: RUNS_EACH,
    quickRuns: 10,
    open: (place) => drivingContest(place, getMeta),
  },
  {
    id: "set-meta",
    what: "`set-meta`",
    limits: DRIVING_LIMITS,
    mostRuns: 1000,
    runsEach: RUNS_EACH,
    quickRuns: 10,
    open: (place) => drivingContest(place, setMeta),
  },
  {
    id: "exec",
    what: "`exec` of `true`",
    limits: DRIVING_LIMITS,
    mostRuns: 1000,
    runsEach: RUNS_EACH,
    quickRuns: 10,
    open: (place) => drivingContest(place, execTrue),
  },
  {
    id: "reconciler",
    what: "one pass of gc's reconciler over a session, 20 calls",
    limits: [{ figure: "ms", against: "kubectl per call", most: 0.25 }],
    mostRuns: 30,
    quickRuns: 2,
    open: reconcilerContest,
  },
  {
    id: "list-running",
    what: "`list-running` of 50 sessions",
    limits: [{ figure: "ms", against: "curl", most: 1.5 }],
    mostRuns: 1000,
    runsEach: RUNS_EACH,
    quickRuns: 10,
    open: listRunningContest,
  },
  {
    id: "start",
    what: "`start`, nothing to stage, until `is-running`",
    limits: [{ figure: "ms", against: "bare pod", most: 1.35 }],
    mostRuns: 20,
    quickRuns: 5,
    open: (place) => startContest(place, { files: 0, secrets: 0 }),
  },
  {
    id: "start-files",
    what: "`start`, 50 files and 5 secrets, until `is-running`",
    limits: [{ figure: "ms", against: "bare pod", most: 1.5 }],
    mostRuns: 20,
    quickRuns: 5,
    open: (place) => startContest(place, { files: 50, secrets: 5 }),
  },
  {
    id: "staging",
    what: "`start`, 5,000 files of 200 MB in all",
    limits: [
      { figure: "ms", against: "tar | kubectl exec", most: 1.5 },
      { figure: "MB", most: 120 },
    ],
    mostRuns: 8,
    quickRuns: 2,
    open: stagingContest,
  },
  {
    id: "copy-to",
    what: "`copy-to`, 5,000 files of 200 MB in all",
    limits: [
      { figure: "ms", against: "tar | kubectl exec", most: 1.5 },
      { figure: "MB", most: 120 },
    ],
    mostRuns: 8,
    quickRuns: 2,
    open: copyContest,
  },
  {
    id: "restart",
    what: "`stop` and `start` of the same name",
    limits: [{ figure: "ms", most: 3_000 }],
    mostRuns: 10,
    quickRuns: 2,
    open: (place) => restartContest(place, SLEEP),
  },
  {
    id: "restart-stubborn",
    what: "the same, agent ignores TERM and HUP",
    limits: [{ figure: "ms", most: 4_000 }],
    mostRuns: 10,
    quickRuns: 2,
    open: (place) => restartContest(place, STUBBORN),
  },
  {
    id: "memory",
    what: "memory of any other operation",
    limits: [{ figure: "MB", most: 60 }],
    mostRuns: 5,
    quickRuns: 1,
    open: memoryContest,
  },
  {
    id: "events-record",
    what: "`record` of an event, nobody else records",
    limits: [{ figure: "ms", against: "curl", most: 1.5 }],
    mostRuns: 1000,
    runsEach: RUNS_EACH,
    quickRuns: 10,
    open: recordContest,
  },
  {
    id: "events-latest-seq",
    what: "`latest-seq` of 10,000 events",
    limits: [{ figure: "ms", against: "curl", most: 1.3 }],
    mostRuns: 1000,
    runsEach: RUNS_EACH,
    quickRuns: 10,
    open: latestSeqContest,
  },
  {
    id: "events-list",
    what: "`list` of 10,000 events",
    limits: [
      { figure: "ms", most: 600 },
      { figure: "MB", most: 150 },
    ],
    mostRuns: 30,
    quickRuns: 2,
    open: (place) => listEventsContest(place, 0),
  },
  {
    id: "events-list-after",
    what: "`list` of the last 10 of 10,000 events",
    limits: [{ figure: "ms", most: 60 }],
    mostRuns: 30,
    quickRuns: 5,
    open: (place) => listEventsContest(place, 9_990),
  },
  {
    id: "events-watch",
    what: "from an event's timestamp to its line of `watch`",
    limits: [{ figure: "ms", most: 50 }],
    mostRuns: 100,
    quickRuns: 10,
    open: watchContest,
  },
  ...Object.entries(beadOperations).map(
    ([name, operation]): Row => ({
      id: `beads-${name.replaceAll(" ", "-")}`,
      what: `\`${name}\`, warm runner`,
      limits: [{ figure: "ms", against: "exec + 1.15 bd", most: operation.most ?? 1 }],
      mostRuns: 1000,
      quickRuns: 5,
      open: (place) => beadContest(place, operation),
    }),
  ),
  {
    id: "beads-list",
    what: "`list` of 5,000 beads",
    limits: [
      { figure: "ms", against: "bd list", most: 1.3 },
      { figure: "ms", against: "exec + 1.15 bd", most: 1 },
      { figure: "MB", most: 150 },
    ],
    mostRuns: 30,
    quickRuns: 2,
    open: listBeadsContest,
  },
  {
    id: "beads-first",
    what: "`init` and the first `create` of a city that has no runner",
    limits: [{ figure: "ms", most: 20_000 }],
    mostRuns: 5,
    quickRuns: 1,
    open: firstBeadContest,
  },
  {
    id: "beads-dep-list-rate",
    what: "`dep-list`, 1,000 calls, 8 at a time: per call",
    limits: [],
    mostRuns: 2,
    quickRuns: 0,
    open: depListRateContest,
  },
];
