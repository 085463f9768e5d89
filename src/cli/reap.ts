import { Option } from "commander";
import { list } from "../kube/watch.ts";
import { AGENT_APP, Annotation, BEADS_RUNNER_APP, Label, WORKSPACE_APP } from "../pod/labels.ts";
import { UsageError } from "../provider/errors.ts";
import type { Context, Result } from "../provider/operation.ts";
import { ageSeconds } from "./age.ts";
import { type CliCommand, type Options, outputOption } from "./command.ts";
import { placeOf } from "./install.ts";
import { MANAGER, Owned, type Place } from "./installation.ts";
import { METADATA_LIST, remove } from "./inventory.ts";
import { objectsPath } from "./kinds.ts";
import { clearLive, say, sayNow } from "./progress.ts";
import {
  cityOf,
  goneCities,
  type Limits,
  type MountingPod,
  mountedClaims,
  type ReapObject,
  whyGone,
  whyPod,
} from "./reap-rules.ts";
import { PODS, type SessionPod } from "./session-pod.ts";
import { shownLine } from "./terminal-text.ts";
import { textTable } from "./text-table.ts";

/** `gc-k8s reap`: removes what no session will use again. */
export const reap: CliCommand = {
  usage: "reap",
  summary: "Deletes what sessions and gone cities left",
  help: "Lists, and with --yes deletes, what sessions left: pods that have ended or never ran, and what belongs to cities that are gone.",
  examples: [
    ["gc-k8s reap", "what would go; nothing is changed"],
    ["gc-k8s reap --yes --older-than 7d", "pods whose agents ended a week ago"],
    ["gc-k8s reap --all-cities --workspaces --secrets", "also what cities left that are no longer installed"],
  ],
  deadlineMs: 300_000,
  options: [
    new Option("--yes", "deletes; without it nothing is changed"),
    new Option(
      "--older-than <age>",
      "only what ended so long ago; what gone cities left, what was made so long ago",
    ).default("24h"),
    new Option("--all-cities", "every city of the namespace, not only the one that the settings name"),
    new Option("--workspaces", "also workspaces of cities that are gone: there is no way back"),
    new Option("--secrets", "also secrets of cities that are gone"),
    outputOption("table", "json"),
  ],
  async run(context, options): Promise<Result> {
    const olderThanSeconds = ageSeconds(String(options["olderThan"]));
    if (olderThanSeconds === undefined)
      throw new UsageError(
        `--older-than must be an age such as 90m, 24h or 7d, not "${String(options["olderThan"]).slice(0, 20)}"`,
      );
    const place = placeOf(context.settings);
    // What has no city of ours was made by other means, and is for those to remove.
    const isMeant = (object: ReapObject) =>
      options["allCities"] ? cityOf(object) !== undefined : cityOf(object) === place.city;
    const doomed = await condemned(context, place, { options, olderThanSeconds, isMeant });
    if (options["yes"]) await removeAll(context, doomed);
    else if (doomed.length === 0) say("Nothing would be deleted");
    else say(`${doomed.length} ${doomed.length === 1 ? "object" : "objects"} would be deleted; --yes does it`);
    return { stdout: report(doomed, options) };
  },
};

async function removeAll(context: Context, doomed: Doomed[]): Promise<void> {
  try {
    for (const { kind, name, uid, path } of doomed) {
      await remove(context, path, { name, uid }, false);
      sayNow(`${kind} ${name} deleted`);
    }
  } finally {
    clearLive();
  }
}

/** An object that goes. */
interface Doomed {
  kind: string;
  name: string;
  uid: string;
  path: string;
  city: string;
  session: string;
  why: string;
}

interface Wish {
  options: Options;
  olderThanSeconds: number;
  isMeant(object: ReapObject): boolean;
}

const CLAIMS = { kind: "PersistentVolumeClaim", api: "/api/v1", plural: "persistentvolumeclaims" };
const SECRETS = { kind: "Secret", api: "/api/v1", plural: "secrets" };
const CONFIG_MAPS = { kind: "ConfigMap", api: "/api/v1", plural: "configmaps" };
const SETS = { kind: "StatefulSet", api: "/apis/apps/v1", plural: "statefulsets" };
type Collection = typeof PODS;

async function condemned(context: Context, place: Place, wish: Wish): Promise<Doomed[]> {
  const { options, olderThanSeconds, isMeant } = wish;
  const pods = await select<SessionPod>(context, place, PODS, `${Label.app}=${AGENT_APP}`);
  const limits = { now: context.client().serverNowMs, olderThanSeconds };
  const doomed = pods
    .filter(isMeant)
    .map((pod) => ({ pod, why: whyPod(pod, limits) }))
    .flatMap(({ pod, why }) => (why ? [doomedObject(place, PODS, pod, why)] : []));
  const kinds: [Collection, string][] = [];
  if (options["workspaces"]) kinds.push([CLAIMS, `${Label.app}=${WORKSPACE_APP}`]);
  if (options["secrets"]) kinds.push([SECRETS, `${Owned.partOf}=${MANAGER}`]);
  for (const [kind, selector] of kinds)
    doomed.push(...(await ofGoneCities(context, place, { kind, selector, limits, isMeant })));
  return doomed;
}

/** What cities left that are gone. Pods are read after the objects: one that was made meanwhile keeps its city alive. */
async function ofGoneCities(
  context: Context,
  place: Place,
  { kind, selector, limits, isMeant }: { kind: Collection; selector: string; limits: Limits; isMeant: Wish["isMeant"] },
): Promise<Doomed[]> {
  const objects = (await select<ReapObject>(context, place, kind, selector, METADATA_LIST)).filter(isMeant);
  const records = `${Owned.managedBy}=${MANAGER},${Owned.partOf}=${MANAGER}`;
  const installed = cities(await select<ReapObject>(context, place, CONFIG_MAPS, records, METADATA_LIST));
  const runners = await select<ReapObject>(context, place, SETS, `${Label.app}=${BEADS_RUNNER_APP}`, METADATA_LIST);
  const pods = await select<MountingPod>(context, place, PODS);
  if (installed.length === 0 && objects.length > 0)
    say(
      `No city of namespace "${place.namespace}" was installed by gc-k8s, so nobody can tell which are gone: its ${kind.plural} stay`,
    );
  const gone = goneCities(new Set(cities(objects)), installed, new Set(cities([...pods, ...runners])));
  const mounted = mountedClaims(pods);
  return objects.flatMap((object) => {
    const why = whyGone(object, gone, mounted, limits);
    return why ? [doomedObject(place, kind, object, why)] : [];
  });
}

function cities(objects: { metadata: { annotations?: Record<string, string> } }[]): string[] {
  return [...new Set(objects.map(cityOf).filter((city) => city !== undefined))];
}

async function select<T>(
  context: Context,
  place: Place,
  kind: Collection,
  labelSelector = "",
  accept = "",
): Promise<T[]> {
  const { items } = await list<T>(context.client(), {
    path: objectsPath(kind, place.namespace),
    what: `GET ${kind.plural} of namespace "${place.namespace}"`,
    ...(labelSelector && { labelSelector }),
    ...(accept && { accept }),
    signal: context.signal,
  });
  return items;
}

function doomedObject(place: Place, kind: Collection, object: ReapObject, why: string): Doomed {
  const { name, uid, annotations } = object.metadata;
  const session = shownLine(annotations?.[Annotation.sessionName] ?? "");
  const path = objectsPath(kind, place.namespace, name);
  return { kind: kind.kind, name, uid, path, city: shownLine(cityOf(object) ?? ""), session, why };
}

function report(doomed: Doomed[], { output }: Options): string {
  if (output === "json")
    return `${JSON.stringify(
      doomed.map(({ path: _, ...rest }) => rest),
      null,
      2,
    )}\n`;
  if (doomed.length === 0) return "";
  return textTable(
    ["KIND", "NAME", "CITY", "SESSION", "WHY"],
    doomed.map(({ kind, name, city, session, why }) => [kind, name, city, session, why]),
  );
}
