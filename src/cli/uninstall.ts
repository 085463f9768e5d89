import { Option } from "commander";
import { OperationError } from "../provider/errors.ts";
import type { Context, Result } from "../provider/operation.ts";
import type { Change } from "./apply.ts";
import { cityData, citySessions, type Leftover, runnerOf, sharedData } from "./city-objects.ts";
import { type CliCommand, type Options, outputOption } from "./command.ts";
import { placeOf, report } from "./install.ts";
import type { Place } from "./installation.ts";
import { assertAllowed, uninstallerRules } from "./installer-rights.ts";
import { cityOf, type Found, installedCities, inventory, remove } from "./inventory.ts";
import { KINDS, objectsPath } from "./kinds.ts";
import { clearLive, say, sayNow } from "./progress.ts";

/** `gc-k8s uninstall`: takes a city out of the cluster, and with the last one what they shared. Data stay unless told. */
export const uninstall: CliCommand = {
  usage: "uninstall",
  summary: "Takes a city out; its data stay unless told",
  help: "Removes what install made for the city, and with the namespace's last city what they shared; data stay.",
  examples: [
    ["gc-k8s uninstall -n gc --city blue", "the city blue; volumes, password, events and workspaces stay"],
    ["gc-k8s uninstall --city blue --stop-sessions", "also ends the sessions that still run"],
    ["gc-k8s uninstall --delete-data", "also what was kept: there is no way back"],
  ],
  deadlineMs: 120_000,
  options: [
    new Option("--delete-data", "also deletes events and workspaces, and with the last city Dolt's volumes"),
    new Option("--stop-sessions", "ends the city's sessions; without it they must have ended before"),
    new Option("--dry-run", "the cluster checks everything and changes nothing"),
    outputOption("table", "json"),
  ],
  async run(context, options): Promise<Result> {
    const place = placeOf(context.settings);
    await assertAllowed(context, place.namespace, { verb: "uninstall", rules: uninstallerRules() });
    const found = await inventory(context, place.namespace);
    const isLast = installedCities(found).every((city) => city === place.city);
    const sessions = await citySessions(context, place);
    const running = sessions.filter(({ isRunning }) => isRunning);
    if (running.length > 0 && !options["stopSessions"]) throw stillRunning(place, running.length);
    const parts = await partsOf(context, place, { found, sessions, isLast, options });
    const changes: Change[] = [];
    try {
      for (const { kind, name, uid, path } of parts) {
        await remove(context, path, { name, uid }, options["dryRun"] === true);
        sayNow(`${kind} ${name} deleted${options["dryRun"] ? " (dry run)" : ""}`);
        changes.push({ kind, name, change: "deleted" });
      }
    } finally {
      clearLive();
    }
    tellWhatStays(place, isLast, options);
    return { stdout: report(changes, options) };
  },
};

interface Scope {
  found: Found[];
  sessions: (Leftover & { isRunning: boolean })[];
  isLast: boolean;
  options: Options;
}

/** What goes, in order: what runs before what it needs, and the city's record last, so that a next one finishes the rest. */
async function partsOf(
  context: Context,
  place: Place,
  { found, sessions, isLast, options }: Scope,
): Promise<Leftover[]> {
  const own = found
    .filter((each) => cityOf(each) === place.city || (isLast && cityOf(each) === undefined))
    .sort((a, b) => KINDS.indexOf(b.kind) - KINDS.indexOf(a.kind))
    .sort((a, b) => Number(isRecord(a)) - Number(isRecord(b)))
    .map(({ kind, metadata }) => ({
      kind: kind.kind,
      name: metadata.name,
      uid: metadata.uid,
      path: objectsPath(kind, place.namespace, metadata.name),
    }));
  const data = options["deleteData"]
    ? [...(await cityData(context, place)), ...(isLast ? await sharedData(context, place) : [])]
    : [];
  const ended = options["deleteData"] || options["stopSessions"] ? sessions : [];
  return [...ended, ...(await runnerOf(context, place)), ...data, ...own];
}

function isRecord(each: Found): boolean {
  return each.kind.kind === "ConfigMap" && cityOf(each) !== undefined;
}

function stillRunning({ city, namespace }: Place, count: number): OperationError {
  return new OperationError(
    `Cannot uninstall city "${city}" from namespace "${namespace}": ${count} of its sessions run; ` +
      "stop the city, or end them with --stop-sessions",
  );
}

function tellWhatStays({ city, namespace }: Place, isLast: boolean, options: Options): void {
  if (!isLast)
    say(`Other cities of namespace "${namespace}" keep what they shared with "${city}", its beads in Dolt included`);
  else if (!options["deleteData"])
    say("Kept: Dolt's volumes and password, events, workspaces; --delete-data deletes them");
  say(`Namespace "${namespace}" stays, because others may use it: kubectl delete namespace ${namespace}`);
}
