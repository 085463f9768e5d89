import { RunnerAnnotation } from "../pod/labels.ts";
import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { type BdAnswer, runBd } from "./bd.ts";
import { bdJson } from "./bd-row.ts";
import { missingTypes } from "./bead-types.ts";
import type { Scope } from "./city.ts";
import { checkedDatabase, cityPath, databaseCandidates, ownDatabase, resolved } from "./database-name.ts";
import lookScript from "./look-at-database.sh" with { type: "text" };
import mendScript from "./mend-database.sh" with { type: "text" };
import { type DatabaseFacts, isSameOwner, OWNER_KEY, ownerOf } from "./owner.ts";
import { getRunnerSet } from "./runner-objects.ts";
import { scopeEnvironment } from "./scope-environment.ts";
import { recordScope, type ScopeRecord, scopeRecords } from "./scope-record.ts";
import setUpScript from "./set-up-scope.sh" with { type: "text" };
import { shellWord } from "./shell.ts";

/** Sets up, in a runner that has lost it or never had it, the scope that the environment names: by the record that `init`
 * left, else as gc's own `init` would. A database that was there once and is gone is an error, never an empty store; one that
 * is not known to have been there is made for a `create` only, because an empty store would answer every question wrongly. */
export async function attachScope(
  context: Context,
  scope: Scope,
  deadlineMs: number,
  mayMakeDatabase = false,
): Promise<void> {
  const root = resolved(context.env["GC_STORE_ROOT"] || cityPath(context));
  const recorded = scopeRecords(await getRunnerSet(context, scope.city))[scope.prefix];
  if (!recorded) {
    const chosen = await chooseDatabase(context, scope, { root, deadlineMs });
    if (!isFinished(chosen.facts) && !mayMakeDatabase)
      throw new OperationError(
        `Cannot use the beads of "${scope.prefix}": no store of this city is known or there (looked for "${chosen.name}"); init makes it`,
      );
    const record = { database: chosen.name, root };
    await setUpScope(context, scope, record, chosen.facts, deadlineMs);
    return recordScope(context, scope.city, scope.prefix, record);
  }
  const facts = await lookAtDatabase(context, scope, recorded, deadlineMs);
  if (!isFinished(facts)) throw lostDatabase(scope, recorded);
  await setUpScope(context, scope, recorded, facts, deadlineMs);
}

/** A database that the city's record knows and the server does not: to make an empty one of its name would hide the loss. */
export function lostDatabase({ city, prefix }: Scope, { database }: ScopeRecord): OperationError {
  return new OperationError(
    `Cannot use the beads of "${prefix}": the Dolt server no longer has their database "${database}": restore a backup of it; ` +
      `to begin anew without them: kubectl -n ${city.namespace} annotate statefulset ${city.runner} ${RunnerAnnotation.scopes}-`,
  );
}

/** The database of a scope that nobody named one for: the first that is this city's, or that is still free. */
export async function chooseDatabase(
  context: Context,
  scope: Scope,
  { root, deadlineMs, ...endpoint }: { root: string; deadlineMs: number } & Partial<ScopeRecord>,
): Promise<{ name: string; facts: DatabaseFacts | undefined }> {
  const owner = ownerOf(context, scope.city);
  const free: { name: string; facts: DatabaseFacts | undefined }[] = [];
  const candidates = databaseCandidates(context, scope, root);
  for (const name of candidates) {
    const facts = await lookAtDatabase(context, scope, { ...endpoint, database: name, root }, deadlineMs);
    if (!isFinished(facts)) free.push({ name, facts });
    // One without an owner was made by plain bd: by its prefix it is the city's.
    else if (facts?.["issue_prefix"] === scope.prefix && isSameOwner(facts[OWNER_KEY] ?? owner, owner))
      return { name, facts };
  }
  if (free[0]) return free[0];
  throw new OperationError(
    `Cannot find a database for "${scope.prefix}": ${candidates.map((each) => `"${each}"`).join(" and ")} belong to other ` +
      `cities; name one as dolt_database in "${root}/.beads/metadata.json"`,
  );
}

/** What the server's database of this name says of itself; undefined when there is none. */
export async function lookAtDatabase(
  context: Context,
  scope: Scope,
  record: ScopeRecord,
  deadlineMs: number,
): Promise<DatabaseFacts | undefined> {
  const { city } = scope;
  const what = `look at the database "${record.database}"`;
  const body = `database=${shellWord(checkedDatabase(record.database))}\n${scopeEnvironment(context, scope, record)}\n${lookScript}`;
  const answer = await runBd(context, { city, scope: "", what, body: () => body, deadlineMs });
  if ("failure" in answer && answer.failure.kind === "no database") return undefined;
  // Its making was cut short; bd goes on where that ended.
  if ("failure" in answer && /table not found: (config|metadata)/i.test(answer.failure.text)) return {};
  if ("failure" in answer && record.host && /Access denied/i.test(answer.failure.text))
    throw new OperationError(`Cannot ${what}: ${answer.failure.text}; ${ownAccount(context, record)}`);
  const rows = bdJson(output(answer, what), what) as { key: string; value: string }[];
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}

/** What a server of a scope's own is asked with. gc's variable for the password ends with the process that reads it. */
function ownAccount(context: Context, { database, host }: ScopeRecord): string {
  const secret = context.settings.get("GC_K8S_DOLT_ACCESS");
  const ignored = context.env["GC_DOLT_PASSWORD"] ? ", and not GC_DOLT_PASSWORD" : "";
  return `for the server ${host} the keys "${database}.user" and "${database}.password" of the Secret "${secret}" count${ignored}`;
}

/** Makes the scope's workspace in the runner; `facts` are those of its database, undefined = it is to be made. */
export async function setUpScope(
  context: Context,
  scope: Scope,
  record: ScopeRecord,
  facts: DatabaseFacts | undefined,
  deadlineMs: number,
): Promise<void> {
  assertUsable(context, scope, record, facts);
  const what = `set up the store "${scope.prefix}" (database "${record.database}")`;
  const values = {
    prefix: scope.prefix,
    database: record.database,
    owner: facts?.[OWNER_KEY] ?? ownerOf(context, scope.city),
    isOwned: facts?.[OWNER_KEY] ? "yes" : "",
    project: projectOf(facts),
    spare: `gc_spare_${crypto.randomUUID().slice(0, 8)}`,
    types: missingTypes(context, facts?.["types.custom"] ?? ""),
    env: scopeEnvironment(context, scope, record, facts),
  };
  const head = Object.entries(values).map(([name, value]) => `${name}=${shellWord(value)}`);
  const isUnfinished = !isFinished(facts);
  const late = `not ready in ${deadlineMs / 1000} s; its making goes on in the runner, so try again`;
  // Each of its steps leaves alone what is as it should be. What an attempt began and did not finish has to be mended.
  const make = (isBegun: boolean) => {
    const body = (attempt: number) => {
      const mend = isUnfinished && (isBegun || attempt > 0) ? mendScript : "mend_database() { :; }";
      return [...head, mend, setUpScript].join("\n");
    };
    return runBd(context, { city: scope.city, scope: "", what, body, late, deadlineMs });
  };
  const answer = await make(facts !== undefined);
  // bd, too, goes on after its connection was lost, and may meet half of a migration of its own.
  const isCutShort = isUnfinished && "failure" in answer && answer.failure.kind === "half migrated";
  output(isCutShort ? await make(true) : answer, what);
}

/** False for a database that is not there, and for one whose making was cut short: the prefix is what comes late. */
function isFinished(facts: DatabaseFacts | undefined): boolean {
  return facts?.["issue_prefix"] !== undefined;
}

/** Refuses a database that is another city's, or that makes other ids than the scope's. */
function assertUsable(context: Context, scope: Scope, { database, root }: ScopeRecord, facts?: DatabaseFacts): void {
  if (!facts) return;
  const owner = facts[OWNER_KEY];
  if (owner && !isSameOwner(owner, ownerOf(context, scope.city)))
    throw new OperationError(
      `Cannot use the database "${database}" for city "${scope.city.name}": it belongs to city "${decodeURIComponent(owner)}"; ` +
        `name another as dolt_database in "${root}/.beads/metadata.json", such as "${ownDatabase(scope)}"`,
    );
  const prefix = facts["issue_prefix"];
  if (prefix !== undefined && prefix !== scope.prefix)
    throw new OperationError(
      `Cannot use the database "${database}" for the prefix "${scope.prefix}": its beads have the prefix "${prefix}"`,
    );
}

/** bd's identity of the database; "" for one that is to be made, or whose making was cut short. */
function projectOf(facts: DatabaseFacts | undefined): string {
  const project = facts?.["_project_id"] ?? "";
  return facts?.["issue_prefix"] && /^[-0-9a-zA-Z]{8,64}$/.test(project) ? project : "";
}

function output(answer: BdAnswer, what: string): string {
  if ("stdout" in answer) return answer.stdout;
  throw new OperationError(`Cannot ${what}: ${answer.failure.text}`);
}
