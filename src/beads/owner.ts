import { sha256 } from "../pod/names.ts";
import type { Context } from "../provider/operation.ts";
import type { City } from "./city.ts";
import { cityPath } from "./database-name.ts";

/** Key of bd's own table of settings under which a database names its city. */
export const OWNER_KEY = "gc.city";

/** What a database says of itself: rows of bd's table of settings. */
export type DatabaseFacts = Record<string, string>;

/** Who a database belongs to: namespace and city, and for a city without a name of its own the hash of its path.
 * Letters of which none means anything to SQL, JSON or a shell. */
export function ownerOf(context: Context, city: City): string {
  const mark = pathMark(context);
  const name = encodeURIComponent(city.name).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`);
  return `${city.namespace}/${name}${mark && `#${mark}`}`;
}

/** Tells apart two cities that both forgot their name; "" for one that has a name, which may then stand anywhere. */
export function pathMark(context: Context): string {
  const isNamed = context.settings.describe("GC_K8S_CITY").origin !== "default";
  const path = cityPath(context);
  return isNamed || path === "" ? "" : sha256(path).slice(0, 12);
}

/** The mark of a scope whose database belongs to a city without a name: a caller that gives its name, and so no path, must
 * not open it to every other such city. */
export function scopeMark(context: Context, facts: DatabaseFacts): string {
  return pathMark(context) || (facts[OWNER_KEY]?.split("#")[1] ?? "");
}

/** True when both name one city; a path counts only where both have one. */
export function isSameOwner(one: string, other: string): boolean {
  const [nameOne, pathOne] = one.split("#");
  const [nameOther, pathOther] = other.split("#");
  return nameOne === nameOther && (!pathOne || !pathOther || pathOne === pathOther);
}
