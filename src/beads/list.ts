import { UsageError } from "../provider/errors.ts";
import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { type Bead, beadOf, newestFirst } from "./bead.ts";
import { json, listRows } from "./store.ts";
import { SELECTIONS, wholeStore } from "./whole-store.ts";

/** Statuses that gc has a word for; bd's others read as open. */
const STATUSES = ["open", "in_progress", "closed"];

/** Flags that gc sends. `--limit` is taken and not obeyed: gc filters what we cannot see, and cuts then. */
const FLAGS = ["status", "assignee", "type", "limit"] as const;

/** `list`: every bead of the store, closed and ephemeral ones and messages among them, newest first. */
export const list: Operation = {
  usage: "[--status=S] [--assignee=A] [--type=T] [--limit=N]",
  help: "Prints the beads that have the status, assignee and type, newest first; without a status closed ones, too.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const { status, assignee, type } = flagsOf(context.args);
    const what = "list the beads";
    // What reads as open has many names in bd.
    const which = status === undefined ? "all" : status === "closed" ? "closed" : "not closed";
    const rows = assignee
      ? await listRows(context, what, [SELECTIONS[which].flag, `--assignee=${assignee}`])
      : await wholeStore(context, what, which);
    const beads = rows.map(beadOf);
    const isWanted = (bead: Bead) =>
      (status === undefined || bead.status === status) &&
      (assignee === undefined || (bead.assignee ?? "") === assignee) &&
      (type === undefined || bead.type === type);
    return json(beads.filter(isWanted).sort(newestFirst));
  },
};

function flagsOf(args: string[]): Partial<Record<(typeof FLAGS)[number], string>> {
  const flags: Partial<Record<(typeof FLAGS)[number], string>> = {};
  for (const arg of args) {
    const [, name, value = ""] = /^--([a-z]+)=(.*)$/s.exec(arg) ?? [];
    const flag = FLAGS.find((each) => each === name);
    if (!flag) throw new UsageError(`unsupported argument: ${arg.slice(0, 80)}`);
    flags[flag] = value;
  }
  const { status } = flags;
  if (status !== undefined && !STATUSES.includes(status))
    throw new UsageError(`unsupported status: ${status.slice(0, 40)}; there are ${STATUSES.join(", ")}`);
  return flags;
}
