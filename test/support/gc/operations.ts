/** How gc runs one operation, as it was recorded. */
export interface OperationRow {
  /** Time after which gc gives the call up. */
  limitMs: number;
  /** `null` = /dev/null. */
  stdin: "pipe" | "null";
  /** The process leads a group, gets SIGINT first and SIGKILL 2 s later; without one it is killed at once. */
  ownGroup: boolean;
}

const DRIVEN: OperationRow = { limitMs: 30_000, stdin: "null", ownGroup: true };
const FED: OperationRow = { ...DRIVEN, stdin: "pipe" };

const rows: Record<string, OperationRow> = {
  // The provider's own limit is 120 s; the reconciler's `startup_timeout` of 60 s ends before it.
  start: { ...FED, limitMs: 60_000 },
  provision: { ...FED, limitMs: 60_000 },
  exec: { ...FED, ownGroup: false },
  "watch-startup": { ...DRIVEN, ownGroup: false },
  "process-alive": FED,
  nudge: FED,
  "set-meta": FED,
  // Of beads:
  create: { ...FED, ownGroup: false },
  update: { ...FED, ownGroup: false },
  "set-metadata": { ...FED, ownGroup: false },
  probe: { ...DRIVEN, limitMs: 10_000 },
  init: { ...DRIVEN, limitMs: 120_000 },
  recover: { ...DRIVEN, limitMs: 120_000 },
};

/** The row of an operation; those without a row of their own get /dev/null and 30 s. */
export function operationRow(op: string): OperationRow {
  return rows[op] ?? DRIVEN;
}
