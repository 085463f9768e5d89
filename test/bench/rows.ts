import type { Row } from "./row.ts";
import { isRunningContest } from "./row-is-running.ts";
import { listRunningContest } from "./row-list-running.ts";
import { memoryContest } from "./row-memory.ts";
import { peekContest } from "./row-peek.ts";
import { protocolContest } from "./row-protocol.ts";
import { restartContest } from "./row-restart.ts";
import { stagingContest } from "./row-staging.ts";
import { startContest } from "./row-start.ts";

const SLEEP = { name: "sleep", command: "exec sleep 1000000" };
const STUBBORN = { name: "stubborn", command: `trap "" TERM HUP; while :; do sleep 1; done` };

/** Everything that is measured, with its limits. */
export const rows: Row[] = [
  {
    id: "protocol",
    what: "`protocol`: the empty operation",
    limits: [{ figure: "ms", against: "empty program", most: 2 }],
    mostRuns: 1000,
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
    quickRuns: 10,
    open: isRunningContest,
  },
  {
    id: "peek",
    what: "`peek`",
    limits: [
      { figure: "ms", against: "minimal exec", most: 1.3 },
      { figure: "ms", against: "kubectl exec", most: 0.75 },
    ],
    mostRuns: 1000,
    quickRuns: 10,
    open: peekContest,
  },
  {
    id: "list-running",
    what: "`list-running` of 50 sessions",
    limits: [{ figure: "ms", against: "curl", most: 1.5 }],
    mostRuns: 1000,
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
    mostRuns: 5,
    quickRuns: 2,
    open: stagingContest,
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
];
