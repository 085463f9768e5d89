import { chanceOf } from "./chance.ts";
import type { Ground } from "./fault-ground.ts";
import { MAKERS } from "./hostile-inputs.ts";

/** Session that the calls are of, where they need one that runs. */
export const LIVE = "live";

/** Makes one call with hostile input of a kind; resolves with what was wrong. */
export async function hostileProblems(ground: Ground, what: string, index: number): Promise<string[]> {
  const call = MAKERS[what]?.(chanceOf(`input/${index}`), { live: LIVE, absent: "absent-namespace" });
  // An argument of a process cannot hold NUL.
  if (!call || call.args.some((argument) => argument.includes("\0"))) return [];
  const { exit, stderr } = await ground.call(call);
  const shown = `${JSON.stringify(call).slice(0, 400)} → ${exit} ${stderr.slice(0, 400)}`;
  return problemsOf(exit, stderr).map((problem) => `${index}, ${what}: ${problem}: ${shown}`);
}

/** One line, which does nothing to a terminal. */
const ONE_LINE = /^[^\p{Cc}\u2028\u2029]+\n$/u;

/** Whether an error is one of the program itself, such as a property of undefined. */
export function isInternalError(stderr: string): boolean {
  return /\binternal error\b/.test(stderr);
}

function problemsOf(exit: number | undefined, stderr: string): string[] {
  const found: string[] = [];
  if (exit !== 0 && exit !== 1) found.push(`exit ${exit}`);
  if (exit === 1 && !ONE_LINE.test(stderr)) found.push("not exactly one clean line");
  if (exit === 0 && stderr !== "" && !ONE_LINE.test(stderr)) found.push("more than a line of warning");
  if (/\s+at .+:\d+:\d+/.test(stderr)) found.push("a stack trace");
  if (isInternalError(stderr)) found.push("an error of the program itself");
  if (/already exists|not found|not running/i.test(stderr)) found.push("a phrase that gc takes for a fact");
  return found;
}
