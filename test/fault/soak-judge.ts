import { summarise } from "../bench/statistics.ts";

/** How long one call took, and when it was made; both in milliseconds. */
export interface Sample {
  kind: string;
  at: number;
  ms: number;
}

/** How many times as long calls of a kind take in the end as in the beginning. */
export interface Drift {
  kind: string;
  median: number;
  p95: number;
}

/** What the operations could leave behind; lists hold what stays, each by its name. */
export interface Held {
  /** UIDs of the namespace's pods. */
  pods: string[];
  /** Processes in these pods. */
  processes: number[];
  /** Those of them that have ended and of which nobody takes note. */
  zombies: number[];
  /** Processes in pods that the API does not know any more. */
  strays: number[];
  /** Shims that have no process left to look after. */
  idleShims: number[];
  /** Processes of the executable. */
  clients: number[];
  /** Open descriptors of each component, and of the shims of the namespace's pods together. */
  descriptors: Record<string, number>;
  /** Pods of all namespaces, which have descriptors of their own. */
  podsOfNode: number;
}

/** The kind under which calls of every kind are judged together. */
export const EVERY = "every operation";

/** Watches and connections of the components come and go. */
const FEW_DESCRIPTORS = 50;
/** Most descriptors that a component holds for one pod. */
const FOR_A_POD = 8;
const FEWEST_SAMPLES = 5;

/** Compares the last third with the first one, each cut into so many windows. In a window, calls are measured in units
 * of the control, which other work on the machine holds up, too; of each third the quietest window counts: noise comes
 * and goes, a drift stays. A kind that was called too rarely gets NaN. */
export function driftsOf(kinds: string[], samples: Sample[], controls: Sample[], windows: number): Drift[] {
  const ends = samples.map(({ at }) => at);
  const [begin, end] = [Math.min(...ends), Math.max(...ends)];
  const windowOf = ({ at }: Sample) =>
    Math.min(3 * windows - 1, Math.floor(((at - begin) / (end - begin)) * 3 * windows));
  const controlOf = new Map(Map.groupBy(controls, windowOf));
  return kinds.map((kind) => {
    const own = Map.groupBy(kind === EVERY ? samples : samples.filter((sample) => sample.kind === kind), windowOf);
    const quietest = (first: number, figure: "median" | "p95") => {
      const values = Array.from({ length: windows }, (_, index) => {
        const [calls = [], control = []] = [own.get(first + index), controlOf.get(first + index)];
        if (calls.length < FEWEST_SAMPLES || control.length < FEWEST_SAMPLES) return Number.POSITIVE_INFINITY;
        return summarise(calls.map(({ ms }) => ms))[figure] / summarise(control.map(({ ms }) => ms))[figure];
      });
      return Math.min(...values);
    };
    const growth = (figure: "median" | "p95") => quietest(2 * windows, figure) / quietest(0, figure);
    return { kind, median: growth("median"), p95: growth("p95") };
  });
}

/** Says which kinds became slower than that, or were not measured. */
export function slower(drifts: Drift[], most: { median: number; p95: number }): string[] {
  return drifts
    .filter(({ median, p95 }) => !(median <= most.median && p95 <= most.p95))
    .map(({ kind, median, p95 }) => `${kind} takes ${median.toFixed(2)} times as long (p95: ${p95.toFixed(2)})`);
}

/** Says what is there after the operations that was not there before. */
export function leaks(before: Held, after: Held): string[] {
  const found: string[] = [];
  const extra = (what: "pods" | "zombies" | "strays" | "idleShims" | "clients") => {
    const more = (after[what] as unknown[]).filter((one) => !(before[what] as unknown[]).includes(one));
    if (more.length > 0) found.push(`${what}: ${more.join(" ")}`);
  };
  for (const what of ["pods", "zombies", "strays", "idleShims", "clients"] as const) extra(what);
  const gone = before.pods.filter((uid) => !after.pods.includes(uid));
  if (gone.length > 0) found.push(`pods that are gone: ${gone.join(" ")}`);
  if (after.processes.length > before.processes.length)
    found.push(`processes: ${before.processes.length}, then ${after.processes.length}`);
  const allowed = FEW_DESCRIPTORS + FOR_A_POD * Math.max(0, after.podsOfNode - before.podsOfNode);
  for (const [name, count] of Object.entries(after.descriptors)) {
    const first = before.descriptors[name] ?? 0;
    if (count - first >= allowed) found.push(`descriptors of ${name}: ${first}, then ${count}`);
  }
  return found;
}
