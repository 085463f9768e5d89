import type { Answer } from "../support/gc/provider-process.ts";
import type { WireOperation } from "./wire-operations.ts";

/** What a call under a fault must never do; and `harness` = the test itself failed at the run. */
export type Fault = "false success" | "exit 2" | "hang" | "stack trace" | "noise" | "phrase" | "failure" | "harness";

/** Something that a call did and must not do. */
export interface Offence {
  fault: Fault;
  text: string;
}

/** Beyond its own time limit an operation gets so long to say that it is over. */
export const GRACE_MS = 1_000;

/** Phrases that gc takes for facts; no call here may say one, but for what the operation says in truth. */
const PHRASES = /already exists|not found|not running|no issue found/i;
const STACK = /(^|\n)\s+at .+|\.(ts|js):\d+/;

/** Looks at what can be seen of one call without the cluster. */
export function offencesOf(answer: Answer, { exits = [0, 1], isWatch, says }: WireOperation): Offence[] {
  const { exit, signal, stdout, stderr, cancelled, ms } = answer;
  const found: Offence[] = [];
  const add = (fault: Fault, text: string) => found.push({ fault, text: `${text} (${stderr.trim().slice(0, 300)})` });
  if (cancelled && !isWatch) add("hang", `no end after ${Math.round(ms)} ms`);
  else if (exit === 2 && !exits.includes(2)) add("exit 2", "exit 2 without an unknown operation");
  else if (!cancelled && (exit === undefined || !exits.includes(exit))) add("noise", `ended with ${exit ?? signal}`);
  if (isWatch && screensIn(stdout).includes(undefined)) add("false success", "a line that is no screen");
  if (STACK.test(stderr)) add("stack trace", "a stack trace");
  if (exit === 1 && !/^[^\n]+\n$/.test(stderr)) add("noise", "not exactly one line on stderr");
  if (exit === 1 && PHRASES.test(says ? stderr.replace(says, "") : stderr))
    add("phrase", "a phrase that gc takes for a fact");
  return found;
}

/** The screens that a watch has printed, a whole line each; undefined for a line that is none. */
function screensIn(stdout: Buffer): (string | undefined)[] {
  return stdout.toString().split("\n").slice(0, -1).map(screenOf);
}

function screenOf(line: string): string | undefined {
  try {
    const { content } = JSON.parse(line) as { content?: unknown };
    return typeof content === "string" ? content : undefined;
  } catch {
    return undefined;
  }
}

/** Where nothing is lost an operation has to end as it does without a fault. */
export function harmlessOffences(answer: Answer, { exit = 0, says, isWatch }: WireOperation): Offence[] {
  const isRight = isWatch
    ? screensIn(answer.stdout).at(-1)?.includes("ready")
    : answer.exit === exit && (!says || says.test(answer.stderr));
  if (isRight) return [];
  return [{ fault: "failure", text: `ended with ${answer.exit} although nothing is lost: ${answer.stderr.trim()}` }];
}
