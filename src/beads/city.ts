import { runnerIdentity } from "../pod/beads-runner.ts";
import { runnerName, runnerPodName } from "../pod/runner-names.ts";
import { UsageError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";

/** A city as its beads are addressed: one runner, several scopes. */
export interface City {
  name: string;
  namespace: string;
  /** Name of the runner's StatefulSet. */
  runner: string;
  /** Name of its pod. */
  pod: string;
  /** What the runner's environment says it is. */
  identity: string;
}

/** One store of beads: that of the city itself, or of a rig. A city's scopes differ in their prefix. */
export interface Scope {
  city: City;
  prefix: string;
}

/** The city that the settings name. */
export function cityOf(context: Context): City {
  const name = context.settings.get("GC_K8S_CITY");
  const namespace = context.settings.get("GC_K8S_NAMESPACE");
  const identity = runnerIdentity({ city: name, namespace });
  return { name, namespace, runner: runnerName(name), pod: runnerPodName(name), identity };
}

/** The scope that gc names in the environment of each data operation. */
export function scopeOf(context: Context): Scope {
  const prefix = context.env["GC_BEADS_PREFIX"] ?? "";
  if (prefix === "") throw new UsageError("GC_BEADS_PREFIX is not set: it names the store that is meant");
  return { city: cityOf(context), prefix: checkedPrefix(prefix) };
}

/** The prefix if bd takes it as it is; throws `UsageError` otherwise. */
export function checkedPrefix(prefix: string): string {
  if (/^[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*$/.test(prefix) && prefix.length <= 40) return prefix;
  throw new UsageError(
    `Cannot use the prefix "${prefix.slice(0, 60)}": it must be letters and digits, begin with a letter, and be parted by '-' or '_'`,
  );
}
