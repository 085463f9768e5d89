import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { attachScope } from "./attach-scope.ts";
import { runBd } from "./bd.ts";
import { bdFailure, isEmptyFallback } from "./bd-errors.ts";
import { type City, cityOf } from "./city.ts";
import { assertOwn } from "./ensure-runner.ts";
import { execInRunner } from "./runner-exec.ts";
import { getRunnerSet } from "./runner-objects.ts";
import { scopeRecords } from "./scope-record.ts";

/** One question to the store, whose answer proves runner, bd, server, password and database. */
export const PING = "bd ping --json";

/** Prefixes of the scopes that were initialised; throws when the city has no runner. */
export async function knownScopes(context: Context, city: City): Promise<string[]> {
  const set = await getRunnerSet(context, city);
  if (!set) throw new OperationError(`the beads runner "${city.runner}" is not there; start makes it`);
  assertOwn(set, city);
  return Object.keys(scopeRecords(set));
}

/** Asks each scope once and changes nothing; throws the first problem. */
export async function assertHealthy(context: Context, deadlineMs: number): Promise<void> {
  const city = cityOf(context);
  for (const scope of await orNone(knownScopes(context, city))) {
    const body = scope ? `${PING}\ndone_with $?` : "bd version\ndone_with $?";
    const end = await execInRunner(context, { city, scope, body }, deadlineMs);
    const place = scope ? `the store "${scope}"` : "bd";
    if (end.state === "no runner") throw new OperationError(`the beads runner's pod "${city.pod}" does not run`);
    if (end.state === "no scope") throw new OperationError(`${place} is not set up in the beads runner`);
    if (end.state === "unknown") throw end.error;
    if (end.exit !== 0 || isEmptyFallback(end.stderr))
      throw new OperationError(`${place} does not answer: ${bdFailure(end.exit, end.stdout, end.stderr).text}`);
  }
}

/** Makes each scope answer again, as far as that can be done from here, and waits for the rest. */
export async function healScopes(context: Context, deadlineMs: number): Promise<void> {
  const city = cityOf(context);
  for (const prefix of await orNone(knownScopes(context, city))) {
    const what = prefix ? `reach the store "${prefix}"` : "run bd";
    const answer = await runBd(context, {
      city,
      scope: prefix,
      what,
      body: () => (prefix ? `${PING}\ndone_with $?` : "bd version\ndone_with $?"),
      attach: () => attachScope(context, { city, prefix }, deadlineMs),
      deadlineMs,
    });
    if ("failure" in answer) throw new OperationError(`Cannot ${what}: ${answer.failure.text}`);
  }
}

/** A city without a scope is asked for bd alone. */
async function orNone(prefixes: Promise<string[]>): Promise<string[]> {
  const all = await prefixes;
  return all.length > 0 ? all : [""];
}
