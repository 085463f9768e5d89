import { UsageError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";

/** Types of beads that gc makes and bd does not know by itself; it refuses a type that it was not told of. */
const NEEDED = [
  "molecule",
  "convoy",
  "message",
  "event",
  "gate",
  "merge-request",
  "agent",
  "role",
  "rig",
  "session",
  "spec",
  "convergence",
  "step",
  "gc:session",
];

/** The list to register in a database that has `present`; "" when that holds every type already. */
export function missingTypes(context: Context, present: string): string {
  const wanted = [...NEEDED, ...split(context.settings.get("GC_K8S_CUSTOM_TYPES")), ...ownTypes(context)];
  const all = [...new Set([...split(present), ...wanted])];
  return all.length === split(present).length ? "" : all.join(",");
}

/** gc's own variable for the same. */
function ownTypes(context: Context): string[] {
  const names = split(context.env["GC_BEADS_CUSTOM_TYPES"] ?? "");
  const bad = names.find((name) => !/^[A-Za-z0-9][-A-Za-z0-9_:]{0,31}$/.test(name));
  if (bad === undefined) return names;
  throw new UsageError(`Cannot use GC_BEADS_CUSTOM_TYPES: "${bad.slice(0, 60)}" cannot be the type of a bead`);
}

function split(list: string): string[] {
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
