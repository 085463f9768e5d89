import { sha256 } from "./names.ts";

/** Room for the city in the name of its StatefulSet: Kubernetes adds a hash, and makes a label of 63 characters of it. */
const MOST_CITY = 25;

/** Name of the city's StatefulSet. A city whose name cannot stand in it, or could be taken for another's, gets a hash. */
export function runnerName(city: string): string {
  const isPlain = city.length <= MOST_CITY && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(city);
  if (isPlain && !/(^|-)[0-9a-f]{10}$/.test(city)) return `gc-beads-runner-${city}`;
  const slug = city
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, MOST_CITY - 11)
    .replace(/^-+|-+$/g, "");
  return ["gc-beads-runner", slug, sha256(city).slice(0, 10)].filter((part) => part !== "").join("-");
}

/** Name of the one pod of that StatefulSet. */
export function runnerPodName(city: string): string {
  return `${runnerName(city)}-0`;
}
