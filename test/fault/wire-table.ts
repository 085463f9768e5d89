import { report } from "./report.ts";
import type { Fault } from "./wire-judge.ts";
import { titleOf } from "./wire-operations.ts";
import type { Verdict } from "./wire-runs.ts";

const FAULT_NAMES: Fault[] = [
  "false success",
  "exit 2",
  "hang",
  "stack trace",
  "noise",
  "phrase",
  "failure",
  "harness",
];

/** Runs of one executable. */
export interface Subject {
  name: string;
  verdicts: Verdict[];
}

/** What came of some runs; honest = without any offence, which `offences` counts by kind. */
export interface Figures {
  runs: number;
  struck: number;
  honest: number;
  succeeded: number;
  longestMs: number;
  offences: string;
}

/** Figures of each executable, by operation and of `all`. */
export type Comparison = Record<string, Record<string, Figures>>;

/** Puts the figures of executables together. */
export function comparison(subjects: Subject[]): Comparison {
  return Object.fromEntries(subjects.map(({ name, verdicts }) => [name, byOperation(verdicts)]));
}

function byOperation(verdicts: Verdict[]): Record<string, Figures> {
  const groups = Map.groupBy(verdicts, ({ run }) => titleOf(run.operation));
  const rows = [...groups].map(([title, some]) => [title, figuresOf(some)]);
  return { ...Object.fromEntries(rows), all: figuresOf(verdicts) };
}

function figuresOf(verdicts: Verdict[]): Figures {
  const offences = FAULT_NAMES.map((name) => ({
    name,
    count: verdicts.filter((verdict) => verdict.offences.some(({ fault }) => fault === name)).length,
  }));
  return {
    runs: verdicts.length,
    struck: verdicts.filter(({ struck }) => struck).length,
    honest: verdicts.filter((verdict) => verdict.offences.length === 0).length,
    succeeded: verdicts.filter(({ answer }) => answer.exit === 0).length,
    longestMs: Math.round(Math.max(0, ...verdicts.map(({ answer }) => answer.ms))),
    offences: offences
      .filter(({ count }) => count > 0)
      .map(({ name, count }) => `${count} × ${name}`)
      .join(", "),
  };
}

/** Reports each row of the figures. */
export function reportComparison(suite: string, figures: Comparison): void {
  for (const [subject, rows] of Object.entries(figures))
    for (const [operation, row] of Object.entries(rows)) report(suite, { subject, operation, ...row });
}

/** Executables side by side, a line for each operation. */
export function comparisonTable(figures: Comparison): string {
  const operations = [...new Set(Object.values(figures).flatMap((rows) => Object.keys(rows)))];
  const lines = [["operation", ...Object.keys(figures)]];
  for (const operation of operations)
    lines.push([operation, ...Object.values(figures).map((rows) => cell(rows[operation]))]);
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  const padded = (line: string[]) => line.map((text, column) => text.padEnd(widths[column] ?? 0));
  return lines.map((line) => padded(line).join("  |  ").trimEnd()).join("\n");
}

function cell(figures: Figures | undefined): string {
  if (!figures) return "not implemented";
  const { runs, honest, succeeded, longestMs, offences } = figures;
  const told = `${honest}/${runs} honest, ${succeeded} succeeded, longest ${(longestMs / 1000).toFixed(1)} s`;
  return offences ? `${told}, ${offences}` : told;
}
