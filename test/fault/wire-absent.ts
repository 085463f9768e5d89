import type { WireOperation } from "./wire-operations.ts";

/** What the contract has of a session that nobody has started. */
interface AbsentAnswer {
  stdout?: string[];
  stdin?: string;
  exit?: number;
  exits?: number[];
}

function absent(
  op: string,
  more: string[] = [],
  { stdout = [""], stdin, exit = 0, exits = [0, 1] }: AbsentAnswer = {},
): WireOperation {
  return {
    op,
    title: `${op}, absent`,
    deadlineMs: 27_000,
    isRare: true,
    exit,
    exits,
    call: (id) => ({ args: [`absent-${id}`, ...more], ...(stdin !== undefined && { stdin }) }),
    lie(_, __, answer) {
      const printed = answer.stdout.toString();
      if (answer.exit === 0 && exit !== 0) return "succeeds at a session that is absent";
      return answer.exit === exit && !stdout.includes(printed) ? `says ${JSON.stringify(printed)}` : undefined;
    },
  };
}

/** Calls whose session is absent: what the contract answers then, or that it could not be seen. */
export const ABSENT_OPERATIONS: WireOperation[] = [
  absent("is-running", [], { stdout: ["false\n"] }),
  absent("list-running"),
  absent("peek", ["10"]),
  // Nothing at all means "not seen", which gc reads as alive.
  absent("process-alive", [], { stdin: "python3", stdout: ["", "false\n"] }),
  absent("get-last-activity"),
  absent("get-meta", ["key"]),
  absent("is-attached", [], { stdout: ["false\n"] }),
  absent("copy-from", ["/etc/hostname"], { exit: 1 }),
  absent("watch-startup", [], { exit: 2, exits: [2] }),
  absent("nudge", [], { stdin: "text" }),
  absent("send-keys", ["Enter"]),
  absent("interrupt"),
  absent("exec", [], { stdin: "true", exit: 1 }),
  absent("set-meta", ["key"], { stdin: "value" }),
  absent("remove-meta", ["key"]),
  absent("copy-to", [import.meta.path, "copied"]),
  absent("clear-scrollback"),
  absent("stop"),
];
