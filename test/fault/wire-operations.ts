import type { Answer } from "../support/gc/provider-process.ts";
import type { Chance } from "./chance.ts";
import type { Ground } from "./fault-ground.ts";
import { ABSENT_OPERATIONS } from "./wire-absent.ts";
import { EFFECTS } from "./wire-effects.ts";
import { POD_OPERATIONS } from "./wire-pods.ts";
import { LIVE, LIVE_NAMES, META_KEY, META_VALUE, READ_FILE, readFileContent } from "./wire-sessions.ts";

/** An operation under faults: how it is called, and what its success would claim. */
export interface WireOperation {
  op: string;
  /** Where it is called in another way than the row of its own name does. */
  title?: string;
  deadlineMs: number;
  /** Exit codes that the contract knows; 0 and 1 unless set. */
  exits?: number[];
  /** How it ends when nothing fails; 0 unless set. */
  exit?: number;
  /** What it then says: a phrase that gc takes for a fact, and that is one. */
  says?: RegExp;
  /** It asks the cluster nothing, so no fault meets it. */
  isLocal?: boolean;
  /** It runs until its caller ends it. */
  isWatch?: boolean;
  /** It takes long, or proves less, so half as many runs are of it. */
  isRare?: boolean;
  /** It mostly waits. */
  isSlow?: boolean;
  /** Session in which no other run of it may be meanwhile: they would spoil each other's proof. */
  alone?(id: string): string;
  call(id: string, chance: Chance): { args: string[]; stdin?: string };
  /** What it resolves with is handed to `lie`. */
  before?(ground: Ground, id: string): Promise<string>;
  /** Says why an exit 0, or whatever the call did, is a lie; undefined = it is none. */
  lie?(ground: Ground, id: string, answer: Answer, before: string): string | undefined | Promise<string | undefined>;
  /** Puts things back. */
  after?(ground: Ground, id: string, answer: Answer): Promise<unknown>;
  /** Looks at the cluster once all calls are over; says for which calls it does not agree. */
  settle?(ground: Ground, runs: Done[]): Promise<{ id: string; text: string }[]>;
}

/** A call that is over. */
export interface Done {
  id: string;
  answer: Answer;
}

const DRIVE_MS = 27_000;

/** An operation whose answer is known beforehand. */
function reading(op: string, args: string[], isTrue: (stdout: Buffer) => boolean, stdin?: string): WireOperation {
  return {
    op,
    deadlineMs: DRIVE_MS,
    call: () => ({ args, ...(stdin !== undefined && { stdin }) }),
    lie: (_, __, { exit, stdout }) =>
      exit === 0 && !isTrue(stdout) ? `says ${JSON.stringify(stdout.toString().slice(0, 80))}` : undefined,
  };
}

const is = (text: string) => (stdout: Buffer) => stdout.toString() === text;

/** Every operation of the contract but `attach`, which needs a terminal. */
export const OPERATIONS: WireOperation[] = [
  { ...reading("protocol", [], (stdout) => stdout.toString().includes('"version"')), isLocal: true },
  reading("is-running", [LIVE.main], is("true\n")),
  reading("list-running", ["live-"], (stdout) => is(`${LIVE_NAMES.join("\n")}\n`)(Buffer.from(sortedLines(stdout)))),
  reading("peek", [LIVE.main, "10"], (stdout) => stdout.includes("ready")),
  // Nothing at all means "not seen", which gc reads as alive.
  reading("process-alive", [LIVE.main], (stdout) => stdout.length === 0 || is("true\n")(stdout), "python3"),
  reading("get-last-activity", [LIVE.main], isTimeOfThisRun),
  reading("get-meta", [LIVE.main, META_KEY], is(META_VALUE)),
  reading("is-attached", [LIVE.main], is("false\n")),
  reading("copy-from", [LIVE.main, READ_FILE], (stdout) => stdout.equals(readFileContent())),
  {
    ...reading("watch-startup", [LIVE.main], (stdout) => stdout.includes("ready")),
    // 2 = "cannot be watched": gc then looks with peek.
    exits: [0, 2],
    isWatch: true,
  },
  ...EFFECTS,
  ...POD_OPERATIONS,
  ...ABSENT_OPERATIONS,
];

/** Name of an operation's row. */
export function titleOf({ op, title = op }: WireOperation): string {
  return title;
}

function sortedLines(stdout: Buffer): string {
  return `${stdout.toString().trimEnd().split("\n").sort().join("\n")}\n`;
}

/** The session was started by this process, whose clock the answer is told by, to the second. */
function isTimeOfThisRun(stdout: Buffer): boolean {
  const time = Date.parse(/^(\S+Z)\n$/.exec(stdout.toString())?.[1] ?? "");
  return time >= performance.timeOrigin - 2_000 && time <= Date.now() + 2_000;
}
