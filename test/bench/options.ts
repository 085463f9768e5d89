import { parseArgs } from "node:util";
import type { Row } from "./row.ts";

/** What the command line asks for. */
export interface Options {
  rows: Row[];
  runs: number;
  /** Few runs, wider limits, nothing written. */
  quick: boolean;
  /** Measures nothing: page and chart are made anew from the record that is kept. */
  draw: boolean;
  /** Another executable of the same contract to measure in place of ours. */
  executable: string | undefined;
}

/** Reads the command line; throws for a row that there is not and for a number that is none. */
export function parseOptions(argv: string[], all: Row[]): Options {
  const { values } = parseArgs({
    args: argv,
    options: {
      only: { type: "string" },
      runs: { type: "string", default: "30" },
      quick: { type: "boolean", default: false },
      draw: { type: "boolean", default: false },
      executable: { type: "string" },
    },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`Cannot use --runs ${values.runs}: it is no number of runs`);
  const names = values.only?.split(",") ?? all.map(({ id }) => id);
  const rows = names.map((name) => {
    const row = all.find(({ id }) => id === name);
    if (!row) throw new Error(`Cannot use --only ${name}: the rows are ${all.map(({ id }) => id).join(", ")}`);
    return row;
  });
  return { rows, runs, quick: values.quick, draw: values.draw, executable: values.executable };
}
