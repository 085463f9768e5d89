import type { Place } from "./place.ts";

/** Figures of one run by name: `ms` (wall clock of the whole), `MB` (peak resident memory), or a phase's own name. */
export type Reading = Readonly<Record<string, number>>;

/** One measured run. It throws when the answer is not the expected one, so that no failure counts as fast. */
export type Run = () => Promise<Reading>;

/** The runs that one row compares, on a cluster that is ready for them. */
export interface Contest {
  ours: Run;
  /** By the name that a limit's `against` gives. */
  theirs?: Record<string, Run>;
  close?(): Promise<void>;
}

/** The most that one figure of ours may be: a multiple of theirs, or a number of its own unit. */
export interface Limit {
  figure: "ms" | "MB";
  /** Name of one of the contest's `theirs`; without it the limit is absolute. */
  against?: string;
  most: number;
}

/** One row of the benchmark. */
export interface Row {
  /** Name for `--only`. */
  id: string;
  what: string;
  limits: Limit[];
  /** Fewer than asked for where one run takes seconds. */
  mostRuns: number;
  /** So many for each of `--runs`; 1 if it is left out. */
  runsEach?: number;
  /** 0 = none in a quick run, for what takes minutes. */
  quickRuns: number;
  open(place: Place): Promise<Contest>;
}
