import { Option } from "commander";
import { OperationError, UsageError } from "../provider/errors.ts";
import type { Context, Result } from "../provider/operation.ts";
import { type ApplyOptions, apply, applyNamespace, type Change } from "./apply.ts";
import { type CliCommand, type Options, outputOption } from "./command.ts";
import { ensureDoltPassword } from "./dolt-password.ts";
import { type Parameters, parameterOptions, readParameters } from "./install-parameters.ts";
import { installation, type Place } from "./installation.ts";
import { assertAllowed, installerRules } from "./installer-rights.ts";
import { cityOf, type Found, installedCities, inventory, remove } from "./inventory.ts";
import { keptParameters } from "./kept-parameters.ts";
import { objectsPath } from "./kinds.ts";
import { type Manifest, yamlOf } from "./manifest.ts";
import { clearLive, say, sayNow } from "./progress.ts";
import { textTable } from "./text-table.ts";
import { waitForDolt } from "./wait-for-dolt.ts";

const DEADLINE_MS = 1_200_000;

const OPTIONS = [
  ...parameterOptions(),
  new Option("--dry-run", "the cluster checks everything and changes nothing"),
  new Option("--force-conflicts", "takes over objects and fields that others have set"),
  new Option("--wait <seconds>", "waits at most so long until Dolt answers; 0 = not at all").default("180"),
  outputOption("table", "json"),
];

/** `gc-k8s install`: what a city needs in the cluster. Safe to repeat: the next one finishes what one has begun. */
export const install: CliCommand = {
  usage: "install",
  summary: "Makes what a city needs in the cluster",
  help: "Makes namespace, rights, network policies, Dolt and the city's clean-up, or brings them up to date.",
  examples: [
    ["gc-k8s install -n gc --city blue", "everything that the city blue needs; another city shares what it can"],
    ["gc-k8s install --dry-run", "what would change, as the cluster sees it"],
    ["gc-k8s install --print | kubectl apply -f -", "the same objects by other means, as plain YAML"],
  ],
  deadlineMs: DEADLINE_MS,
  options: [...OPTIONS, new Option("--print", "prints the objects as YAML; needs no cluster")],
  run: (context, options) => (options["print"] ? printed(context, options) : installed(context, options, "install")),
};

/** `gc-k8s upgrade`: the same for a city that is installed; its sessions run on. */
export const upgrade: CliCommand = {
  usage: "upgrade",
  summary: "Brings an installation up to date; sessions run on",
  help: "Brings the city's installation up to date and removes what is no longer part of it; sessions run on.",
  examples: [
    ["gc-k8s upgrade -n gc --city blue", "with the images and the storage class of before"],
    ["gc-k8s upgrade --dry-run", "what would change"],
  ],
  deadlineMs: DEADLINE_MS,
  options: OPTIONS,
  run: (context, options) => installed(context, options, "upgrade"),
};

const NO_SECRET = `# Dolt's password is not among these objects. Make it once, before you apply them:
#   tr -dc A-Za-z0-9 < /dev/urandom | head -c 32 | kubectl -n NAMESPACE create secret generic dolt --from-file=password=/dev/stdin
`;

async function printed({ settings }: Context, options: Options): Promise<Result> {
  const place = placeOf(settings);
  const objects = installation(place, readParameters(options, settings));
  return { stdout: NO_SECRET.replace("NAMESPACE", place.namespace) + yamlOf(objects) };
}

/** The namespace and city that a command is about. */
export function placeOf(settings: Context["settings"]): Place {
  return { namespace: settings.get("GC_K8S_NAMESPACE"), city: settings.get("GC_K8S_CITY") };
}

async function installed(context: Context, options: Options, verb: "install" | "upgrade"): Promise<Result> {
  const place = placeOf(context.settings);
  const { namespace } = place;
  await assertAllowed(context, namespace, { verb, rules: installerRules() });
  const found = await inventory(context, namespace);
  if (verb === "upgrade" && !installedCities(found).includes(place.city))
    throw new OperationError(
      `Cannot upgrade city "${place.city}": it is not installed in namespace "${namespace}"; run gc-k8s install`,
    );
  const how = { isDryRun: options["dryRun"] === true, isForced: options["forceConflicts"] === true };
  const parameters = readParameters(options, context.settings, await keptParameters(context, namespace));
  const waitSeconds = seconds(options["wait"]);
  const changes: Change[] = [];
  try {
    changes.push(...(await applyAll(context, place, { parameters, found, how })));
    changes.push(...(await prune(context, place, { parameters, found, how })));
    if (!how.isDryRun && waitSeconds > 0) await waitForDolt(context, namespace, waitSeconds);
  } finally {
    clearLive();
  }
  if (verb === "install" && !how.isDryRun)
    say(`City "${place.city}" is installed in namespace "${namespace}"; gc-k8s doctor looks whether it can work there`);
  if (!parameters.images["gc-k8s"])
    say("The clean-up of beads, events and pods is suspended: it needs --image, an image that holds gc-k8s");
  return { stdout: report(changes, options) };
}

function seconds(option: Options[string]): number {
  if (typeof option === "string" && /^\d{1,3}$/.test(option)) return Number(option);
  throw new UsageError("--wait must be a number of seconds, at most 999");
}

interface Work {
  parameters: Parameters;
  found: Found[];
  how: ApplyOptions;
}

/** One after another in the table's order: an installation that is interrupted is a beginning of the whole. */
async function applyAll(context: Context, place: Place, { parameters, found, how }: Work): Promise<Change[]> {
  const changes: Change[] = [];
  const objects = installation(place, parameters);
  for (const object of objects) {
    const isNamespace = object.kind === "Namespace";
    const change = isNamespace
      ? await applyNamespace(context, object, how)
      : await applied(context, object, { found, how, isTold: how.isDryRun && dependsOnNew(object, changes) });
    if (change.change !== "unchanged")
      sayNow(`${change.kind} ${change.name} ${change.change}${how.isDryRun ? " (dry run)" : ""}`);
    changes.push(change);
    if (isNamespace && !(how.isDryRun && change.change === "created"))
      changes.push(await ensureDoltPassword(context, place.namespace, how.isDryRun));
  }
  return changes;
}

/** Nothing can be tried in a namespace that a dry run has not made, and no Role can be bound that it has not made. */
function dependsOnNew(object: Manifest, changes: Change[]): boolean {
  const role = (object["roleRef"] as { name: string } | undefined)?.name;
  return changes.some(
    ({ kind, name, change }) => change === "created" && (kind === "Namespace" || (kind === "Role" && name === role)),
  );
}

async function applied(
  context: Context,
  object: Manifest,
  { found, how, isTold }: { found: Found[]; how: ApplyOptions; isTold: boolean },
): Promise<Change> {
  if (isTold) return { kind: object.kind, name: object.metadata.name, change: "created" };
  return await apply(context, object, found, how);
}

/** Removes what an older version made and this one does not have; what serves another city is that city's. */
async function prune(context: Context, place: Place, { parameters, found, how }: Work): Promise<Change[]> {
  const wanted = new Set(installation(place, parameters).map(({ kind, metadata }) => `${kind}/${metadata.name}`));
  const isOurs = (each: Found) => [undefined, place.city].includes(cityOf(each));
  const old = found.filter((each) => isOurs(each) && !wanted.has(`${each.kind.kind}/${each.metadata.name}`));
  const changes: Change[] = [];
  for (const { kind, metadata } of old) {
    await remove(context, objectsPath(kind, place.namespace, metadata.name), metadata, how.isDryRun);
    changes.push({ kind: kind.kind, name: metadata.name, change: "deleted" });
  }
  return changes;
}

/** What became of each object, for people or programs. */
export function report(changes: Change[], { output }: Options): string {
  if (output === "json") return `${JSON.stringify(changes, null, 2)}\n`;
  return textTable(
    ["KIND", "NAME", "CHANGE"],
    changes.map(({ kind, name, change }) => [kind, name, change]),
  );
}
