import { OperationError, UsageError } from "../provider/errors.ts";
import type { Context, Operation } from "../provider/operation.ts";
import { attachScope } from "./attach-scope.ts";
import { runBd } from "./bd.ts";
import { bdJson, bdRows } from "./bd-row.ts";
import { checkedPrefix, cityOf, type Scope } from "./city.ts";
import { LIFECYCLE_DEADLINE_MS } from "./deadline.ts";
import { knownScopes } from "./scopes-health.ts";
import { shellWord, shellWords } from "./shell.ts";
import { json, outputOf } from "./store.ts";

/** What a purge did, or would do. */
interface Purged {
  purged_count: number;
  dry_run: boolean;
  /** Beads that were kept because somebody commented on them; they are ephemeral no longer. */
  promoted_count: number;
  dependencies: number;
  labels: number;
  events: number;
}

/** `purge`: of the store that the environment names, else of all of the city's. */
export const purge: Operation = {
  usage: "[--dry-run] [--older-than D]",
  help:
    "Deletes closed ephemeral beads with what belongs to them, and prints how many; those with comments are kept for good. " +
    'D is a number of days or weeks (`7d`, `2w`). stdin may hold `{"dry_run":true}`.',
  deadlineMs: LIFECYCLE_DEADLINE_MS,
  async run(context) {
    const options = await optionsOf(context);
    const city = cityOf(context);
    const own = context.env["GC_BEADS_PREFIX"];
    const prefixes = own ? [checkedPrefix(own)] : await knownScopes(context, city);
    const total: Purged = {
      purged_count: 0,
      dry_run: options.isDryRun,
      promoted_count: 0,
      dependencies: 0,
      labels: 0,
      events: 0,
    };
    for (const prefix of prefixes) {
      const one = await purgeScope(context, { city, prefix }, options);
      for (const key of ["purged_count", "promoted_count", "dependencies", "labels", "events"] as const)
        total[key] += one[key];
    }
    return json(total);
  },
};

interface Options {
  isDryRun: boolean;
  olderThan: string;
}

async function optionsOf(context: Context): Promise<Options> {
  const args = [...context.args];
  const options: Options = { isDryRun: false, olderThan: "" };
  for (let arg = args.shift(); arg !== undefined; arg = args.shift()) {
    if (arg === "--dry-run") options.isDryRun = true;
    else if (arg === "--older-than") options.olderThan = age(args.shift() ?? "");
    else if (arg.startsWith("--older-than=")) options.olderThan = age(arg.slice("--older-than=".length));
    else if (arg !== "--json") throw new UsageError(`unsupported argument: ${arg.slice(0, 80)}`);
  }
  if (asksForDryRun(await context.stdin())) options.isDryRun = true;
  return options;
}

function age(text: string): string {
  if (/^\d{1,5}[dw]?$/.test(text)) return text;
  throw new UsageError(`unsupported age: "${text.slice(0, 40)}"; it must be like 7d or 2w`);
}

function asksForDryRun(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes).trim();
  if (text === "") return false;
  try {
    const { dry_run: value = false } = JSON.parse(text) as { dry_run?: unknown };
    if (typeof value === "boolean") return value;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw new UsageError('Cannot read the request: stdin must be empty or {"dry_run":true}');
}

async function purgeScope(
  context: Context,
  scope: Scope,
  { isDryRun, olderThan }: Options,
): Promise<Omit<Purged, "dry_run">> {
  const what = `purge the store "${scope.prefix}"`;
  const run = async (body: string) =>
    outputOf(
      await runBd(context, {
        city: scope.city,
        scope: scope.prefix,
        what,
        // What is gone is gone: a repetition goes on where the first ended.
        body: () => `${body}\ndone_with $?`,
        attach: () => attachScope(context, scope, LIFECYCLE_DEADLINE_MS),
        deadlineMs: LIFECYCLE_DEADLINE_MS,
      }),
      what,
    );
  const closed = bdRows(await run("list_beads --status=closed"), what);
  const commented = closed.filter((row) => row.ephemeral && (row.comment_count ?? 0) > 0).map(({ id }) => id);
  if (!isDryRun)
    for (const id of commented)
      await run(
        `must_exist ${shellWord(id)}\n${shellWords(["bd", "promote", "--json", id, "--reason=it has comments"])}`,
      );
  const flags = [...(isDryRun ? ["--dry-run"] : ["--force"]), ...(olderThan ? [`--older-than=${olderThan}`] : [])];
  const said = bdJson(
    await run(`${shellWords(["bd", "purge", "--json", ...flags])}\ncode=$?; : >known; (exit $code)`),
    what,
  );
  return { ...counts(said, what, isDryRun ? commented.length : 0), promoted_count: commented.length };
}

/** A preview counts what would be promoted as what would be purged. */
function counts(said: unknown, what: string, promoted: number) {
  const fields = (said ?? {}) as Record<string, unknown>;
  const number = (key: string) => (Number.isInteger(fields[key]) ? Number(fields[key]) : 0);
  if (fields["purged_count"] === undefined && fields["purge_count"] === undefined)
    throw new OperationError(`Cannot ${what}: bd did not say how many beads it purged`);
  const all = number("purged_count") || number("purge_count");
  return {
    purged_count: Math.max(0, all - promoted),
    dependencies: number("dependencies"),
    labels: number("labels"),
    events: number("events"),
  };
}
