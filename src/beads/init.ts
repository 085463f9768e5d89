import { existsSync } from "node:fs";
import { UsageError } from "../provider/errors.ts";
import type { Context, Operation } from "../provider/operation.ts";
import { chooseDatabase, lookAtDatabase, lostDatabase, setUpScope } from "./attach-scope.ts";
import { checkedPrefix, cityOf, type Scope } from "./city.ts";
import { checkedDatabase, resolved } from "./database-name.ts";
import { LIFECYCLE_DEADLINE_MS } from "./deadline.ts";
import { ensureRunner } from "./ensure-runner.ts";
import { getRunnerSet } from "./runner-objects.ts";
import { recordScope, type ScopeRecord, scopeRecords } from "./scope-record.ts";

/** `init <dir> <prefix> [database]`: makes the scope's database or takes over the one that is there; any number of times. One
 * that it once made or took over and that is gone it does not make again. */
export const init: Operation = {
  usage: "<dir> <prefix> [database]",
  help: "Makes the store of the city or of a rig: its database, its types, its record; leaves what is there as it is.",
  deadlineMs: LIFECYCLE_DEADLINE_MS,
  async run(context) {
    const [directory = "", prefix = "", database = ""] = context.args;
    if (directory === "" || prefix === "") throw new UsageError("usage: init <dir> <prefix> [database]");
    const scope: Scope = { city: cityOf(context), prefix: checkedPrefix(prefix) };
    const root = resolved(directory);
    const endpoint = ownEndpoint(context);
    if (database) checkedDatabase(database);
    await ensureRunner(context, scope.city);
    const records = scopeRecords(await getRunnerSet(context, scope.city));
    const name = database || records[prefix]?.database;
    const record = { ...endpoint, root, database: name ?? "" };
    assertPrefixIsFree(records, prefix, record);
    const chosen = name
      ? { name, facts: await lookAtDatabase(context, scope, record, LIFECYCLE_DEADLINE_MS) }
      : await chooseDatabase(context, scope, { ...endpoint, root, deadlineMs: LIFECYCLE_DEADLINE_MS });
    // A database whose making was cut short is no loss: the record comes after its making.
    if (!chosen.facts && records[prefix]?.database === chosen.name) throw lostDatabase(scope, record);
    const settled: ScopeRecord = { ...endpoint, root, database: chosen.name };
    await setUpScope(context, scope, settled, chosen.facts, LIFECYCLE_DEADLINE_MS);
    await recordScope(context, scope.city, prefix, settled);
    return undefined;
  },
};

/** A prefix is how data operations name their store, so no two of a city's can share one. The same database for another
 * directory is a store that was moved, unless the one before is still there. */
function assertPrefixIsFree(records: Record<string, ScopeRecord>, prefix: string, record: ScopeRecord): void {
  const other = records[prefix];
  if (!other || other.root === record.root || record.database === "") return;
  if (other.database === record.database && !existsSync(other.root)) return;
  throw new UsageError(
    `Cannot use the prefix "${prefix}" for "${record.root}": "${other.root}" has it (database "${other.database}"); ` +
      "give each rig of a city a prefix of its own",
  );
}

/** The server that gc names for this scope alone, and not for the city as well. One on gc's own machine cannot be meant: pods do not reach it. */
function ownEndpoint(context: Context): { host?: string; port?: string; user?: string } {
  const [host = "", port = "", user = ""] = ["HOST", "PORT", "USER"].map((name) => context.env[`GC_DOLT_${name}`]);
  if (host === "" || /^(localhost|127\.\d+\.\d+\.\d+|::1|0\.0\.0\.0)$/i.test(host)) return {};
  if (port === "") throw new UsageError("requires both GC_DOLT_HOST and GC_DOLT_PORT when GC_DOLT_HOST is set");
  const isTheCitys =
    host === context.settings.get("GC_K8S_DOLT_HOST") && port === context.settings.get("GC_K8S_DOLT_PORT");
  return isTheCitys ? {} : { host, port, ...(user && { user }) };
}
