import { OperationError, UsageError } from "../provider/errors.ts";
import type { Context, Operation } from "../provider/operation.ts";
import { attachScope } from "./attach-scope.ts";
import { type BdAnswer, runBd } from "./bd.ts";
import { type BdRow, bdJson, bdRows } from "./bd-row.ts";
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
  /** What went with them; left out when bd's own count was lost. */
  dependencies?: number;
  labels?: number;
  events?: number;
}

const EXTRAS = ["dependencies", "labels", "events"] as const;

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
    const total: Purged = { purged_count: 0, dry_run: options.isDryRun, promoted_count: 0 };
    const each: Omit<Purged, "dry_run">[] = [];
    for (const prefix of prefixes) each.push(await purgeScope(context, { city, prefix }, options));
    for (const key of ["purged_count", "promoted_count"] as const) total[key] = sum(each.map((one) => one[key]));
    for (const key of EXTRAS) {
      const counts = each.map((one) => one[key]);
      if (counts.every((count) => count !== undefined)) total[key] = sum(counts);
    }
    return json(total);
  },
};

function sum(numbers: number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

interface Options {
  isDryRun: boolean;
  /** Days since a bead was closed. */
  days?: number;
}

async function optionsOf(context: Context): Promise<Options> {
  const args = [...context.args];
  const options: Options = { isDryRun: false };
  for (let arg = args.shift(); arg !== undefined; arg = args.shift()) {
    if (arg === "--dry-run") options.isDryRun = true;
    else if (arg === "--older-than") options.days = days(args.shift() ?? "");
    else if (arg.startsWith("--older-than=")) options.days = days(arg.slice("--older-than=".length));
    else if (arg !== "--json") throw new UsageError(`unsupported argument: ${arg.slice(0, 80)}`);
  }
  // Somebody at a terminal has nothing to say there, and would be waited for.
  if (!process.stdin.isTTY && asksForDryRun(await context.stdin())) options.isDryRun = true;
  return options;
}

function days(text: string): number {
  const [, number, unit] = /^([1-9]\d{0,4})([dw]?)$/.exec(text) ?? [];
  if (number !== undefined) return Number(number) * (unit === "w" ? 7 : 1);
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

async function purgeScope(context: Context, scope: Scope, options: Options): Promise<Omit<Purged, "dry_run">> {
  const { isDryRun } = options;
  const what = `purge the store "${scope.prefix}"`;
  let isLost = false;
  const run = (body: string) =>
    runBd(context, {
      city: scope.city,
      scope: scope.prefix,
      what,
      // What is gone is gone: a repetition goes on where the first ended.
      body(_, isUndone) {
        isLost ||= !isUndone;
        return `${body}\ndone_with $?`;
      },
      attach: () => attachScope(context, scope, LIFECYCLE_DEADLINE_MS),
      deadlineMs: LIFECYCLE_DEADLINE_MS,
    });
  const closed = async () => {
    const said = outputOf(await run("date +%s\nlist_beads --status=closed"), what);
    const rows = bdRows(said, what).filter(({ ephemeral, pinned }) => ephemeral && !pinned);
    return { rows, nowMs: Number.parseInt(said, 10) * 1000 };
  };
  const { rows, nowMs } = await closed();
  const candidates = rows.filter((row) => isOldEnough(row, nowMs, options));
  if (isDryRun) {
    const commented = candidates.filter(isCommented).length;
    const said = bdJson(outputOf(await run(purgeScript(options)), what), what);
    return { ...counts(said, what, commented), promoted_count: commented };
  }
  // bd takes its time a little later: what it finds old enough must not be missed here.
  const kept = rows.filter((row) => isCommented(row) && isOldEnough(row, nowMs + MARGIN_MS, options));
  for (const { id } of kept) await promote(run, id, what);
  isLost = false;
  const said = bdJson(outputOf(await run(purgeScript(options)), what), what);
  if (!isLost) return { ...counts(said, what, 0), promoted_count: kept.length };
  const left = new Set((await closed()).rows.map(({ id }) => id));
  const gone = candidates.filter((row) => !kept.includes(row) && !left.has(row.id));
  return { purged_count: gone.length, promoted_count: kept.length };
}

/** Longest time that the promotions before a purge may take. */
const MARGIN_MS = LIFECYCLE_DEADLINE_MS;
const DAY_MS = 86_400_000;

/** bd's own rule. */
function isOldEnough({ closed_at }: BdRow, nowMs: number, { days: age }: Options): boolean {
  return age === undefined || (closed_at !== undefined && Date.parse(closed_at) < nowMs - age * DAY_MS);
}

function isCommented({ comment_count = 0 }: BdRow): boolean {
  return comment_count > 0;
}

function purgeScript({ isDryRun, days: age }: Options): string {
  const flags = [isDryRun ? "--dry-run" : "--force", ...(age === undefined ? [] : [`--older-than=${age}d`])];
  return `${shellWords(["bd", "purge", "--json", ...flags])}\ncode=$?\nforget\n(exit $code)`;
}

/** Makes a bead permanent; one that is permanent was made so by an attempt whose answer was lost, or by somebody else. */
async function promote(run: (body: string) => Promise<BdAnswer>, id: string, what: string): Promise<void> {
  const bd = shellWords(["bd", "promote", "--json", id, "--reason=it has comments"]);
  const answer = await run(`look_up ${shellWord(id)}\n${bd}`);
  // gc's own collector may have been first.
  if ("failure" in answer && (answer.failure.kind === "absent" || answer.failure.text.includes("is not a wisp")))
    return;
  outputOf(answer, what);
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
