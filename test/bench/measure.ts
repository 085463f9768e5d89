import type { Place } from "./place.ts";
import type { Contest, Limit, Reading, Row, Run } from "./row.ts";
import { round, type Summary, summarise } from "./statistics.ts";

/** One limit of one row and what was measured against it. */
export interface Line {
  row: string;
  what: string;
  figure: "ms" | "MB";
  ours: Summary;
  against?: string;
  theirs?: Summary;
  /** What the limit bounds: ratio of medians, or median time, or highest memory. */
  value: number;
  limit: number;
}

/** Everything that one row gave: its lines, and figures of ours that no limit bounds. */
export interface RowResult {
  row: string;
  what: string;
  lines: Line[];
  also: Record<string, Summary>;
}

/** Measures one row: after one round that does not count, each round runs every side once, beginning with another side
 * each time. */
export async function measureRow(row: Row, place: Place, runs: number, warmUp: boolean): Promise<RowResult> {
  const contest = await row.open(place);
  try {
    const sides: [string, Run][] = [["ours", contest.ours], ...Object.entries(contest.theirs ?? {})];
    const readings = new Map<string, Reading[]>(sides.map(([name]) => [name, []]));
    for (let turn = warmUp ? -1 : 0; turn < runs; turn++) {
      for (let at = 0; at < sides.length; at++) {
        const [name, run] = sides[(at + turn + 1) % sides.length] ?? ["ours", contest.ours];
        const reading = await run();
        if (turn >= 0) readings.get(name)?.push(reading);
      }
    }
    return resultOf(row, contest, readings);
  } finally {
    await contest.close?.();
  }
}

function resultOf(row: Row, contest: Contest, readings: Map<string, Reading[]>): RowResult {
  const figure = (side: string, name: string) =>
    summarise((readings.get(side) ?? []).map((reading) => reading[name]).filter((value) => value !== undefined));
  const lines = row.limits.map((limit) => {
    if (limit.against !== undefined && !contest.theirs?.[limit.against])
      throw new Error(`Cannot judge "${row.id}": nothing was measured as "${limit.against}"`);
    const ours = figure("ours", limit.figure);
    const theirs = limit.against === undefined ? undefined : figure(limit.against, limit.figure);
    return lineOf(row, limit, ours, theirs);
  });
  const bounded = new Set<string>(row.limits.map((limit) => limit.figure));
  const names = Object.keys(readings.get("ours")?.[0] ?? {}).filter((name) => !bounded.has(name));
  return {
    row: row.id,
    what: row.what,
    lines,
    also: Object.fromEntries(names.map((name) => [name, figure("ours", name)])),
  };
}

function lineOf({ id, what }: Row, limit: Limit, ours: Summary, theirs: Summary | undefined): Line {
  const { figure, against, most } = limit;
  const absolute = figure === "MB" ? ours.highest : ours.median;
  const value = theirs ? round(ours.median / theirs.median) : absolute;
  return { row: id, what, figure, ours, ...(against && { against }), ...(theirs && { theirs }), value, limit: most };
}
