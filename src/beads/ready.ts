import { UsageError } from "../provider/errors.ts";
import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import type { BdRow } from "./bd-row.ts";
import { type Bead, beadOf, compare } from "./bead.ts";
import { json } from "./store.ts";
import { wholeStore } from "./whole-store.ts";

/** Dependencies that keep a bead from being ready until their target is closed; bd itself passes over `waits-for`. */
const BLOCKING = new Set(["blocks", "waits-for", "conditional-blocks"]);

/** Beads of these types are no work; bd leaves them out, too. */
const NO_WORK = new Set(["merge-request", "gate", "molecule", "rig", "agent", "role", "message"]);

/** `ready [--include-ephemeral]`: what could be worked on now. */
export const ready: Operation = {
  usage: "[--include-ephemeral]",
  help: "Prints the open beads that nothing blocks, neither them nor a parent, and that are not deferred; urgent ones first.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const other = context.args.find((arg) => arg !== "--include-ephemeral");
    if (other !== undefined) throw new UsageError(`unsupported argument: ${other.slice(0, 80)}`);
    const rows = await wholeStore(context, "list the ready beads", "not closed");
    return json(readyBeads(rows, { withEphemeral: context.args.length > 0, nowMs: Date.now() }));
  },
};

/** The ready ones among all beads that are not closed: only those can block or be parents that are blocked. */
export function readyBeads(rows: BdRow[], options: { withEphemeral: boolean; nowMs: number }): Bead[] {
  const held = heldBeads(rows, options.nowMs);
  const isReady = (row: BdRow) =>
    (row.status === "open" || (row.status === "deferred" && row.defer_until !== undefined)) &&
    (options.withEphemeral || !row.ephemeral) &&
    !NO_WORK.has(row.issue_type ?? "") &&
    !held.has(row.id);
  return rows.filter(isReady).map(beadOf).sort(byUrgency);
}

/** Ids of the beads that are blocked or deferred, by themselves or through a parent. */
function heldBeads(rows: BdRow[], nowMs: number): Set<string> {
  const open = new Map(rows.filter(({ status }) => status !== "closed").map((row) => [row.id, row]));
  const known = new Map<string, boolean>();
  const isHeld = (row: BdRow): boolean => {
    const before = known.get(row.id);
    if (before !== undefined) return before;
    // A cycle of parents must not go round for ever.
    known.set(row.id, false);
    const edges = row.dependencies ?? [];
    const parents = edges.filter(({ type }) => type === "parent-child").map((edge) => open.get(edge.depends_on_id));
    const result =
      (row.defer_until !== undefined && Date.parse(row.defer_until) > nowMs) ||
      edges.some(({ type, depends_on_id }) => BLOCKING.has(type) && open.has(depends_on_id)) ||
      parents.some((parent) => parent !== undefined && isHeld(parent));
    known.set(row.id, result);
    return result;
  };
  return new Set([...open.values()].filter(isHeld).map(({ id }) => id));
}

function byUrgency(one: Bead, other: Bead): number {
  return (
    (one.priority ?? 2) - (other.priority ?? 2) ||
    compare(one.created_at ?? "", other.created_at ?? "") ||
    compare(one.id, other.id)
  );
}
