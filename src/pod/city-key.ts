import { sha256 } from "./names.ts";

/** A city in names and labels of its events: its own name where that is plain, else a slug of it with a hash, so that no two cities
 * share a log. A plain name that ends like such a hash, or like an event's number, gets one as well. */
export function cityKey(city: string): string {
  const isPlain = /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(city) && !/(^|-)[0-9a-f]{10}$/.test(city);
  if (isPlain) return city;
  const slug = city
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-+|-+$/g, "");
  return [slug, sha256(city).slice(0, 10)].filter((part) => part !== "").join("-");
}
