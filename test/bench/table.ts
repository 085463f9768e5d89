import type { Line } from "./measure.ts";
import { round, type Summary } from "./statistics.ts";

/** Column heads of the table, on a terminal and in the page. */
export const HEADS = ["what", "ours", "compared with", "theirs", "ratio", "limit", ""];

/** Cells of one line. */
export function cells(line: Line, verdict: string): string[] {
  const { figure, ours, theirs, against, value, limit } = line;
  const measured = figure === "MB" ? `${ours.highest} MB at most` : `${times(ours)}`;
  const bound = against ? `${limit} ×` : figure === "MB" ? `${limit} MB` : milliseconds(limit);
  return [
    line.what,
    measured,
    against ?? "–",
    theirs ? times(theirs) : "–",
    theirs ? `${value.toFixed(2)} ×` : "–",
    bound,
    verdict,
  ];
}

/** Median and p95 as people read them. */
export function times({ median, p95 }: Summary): string {
  return `${milliseconds(median)} / ${milliseconds(p95)}`;
}

function milliseconds(ms: number): string {
  return ms < 1000 ? `${round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** Lines of a table whose columns stand under each other. */
export function aligned(rows: string[][]): string {
  const widths = HEADS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}
