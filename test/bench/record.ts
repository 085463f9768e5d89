import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderChart } from "./chart.ts";
import type { Machine } from "./machine.ts";
import type { Line, RowResult } from "./measure.ts";
import { renderPage } from "./page.ts";

/** One whole benchmark as docs/benchmarks.json keeps it. */
export interface BenchRecord {
  date: string;
  command: string;
  machine: Machine;
  results: RowResult[];
}

const docs = join(import.meta.dir, "../../docs");

/** A rate below this share of the recorded one is a regression. */
const LEAST_RATE = 0.7;

/** Reads the record that is kept; undefined when there is none yet. */
export function readRecord(): BenchRecord | undefined {
  const path = join(docs, "benchmarks.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as BenchRecord) : undefined;
}

/** Keeps a record and renders docs/benchmarks.md and its chart from it. */
export function writeRecord(record: BenchRecord): void {
  writeFileSync(join(docs, "benchmarks.json"), `${JSON.stringify(record, undefined, 2)}\n`);
  writeFileSync(join(docs, "benchmarks.md"), renderPage(record));
  writeFileSync(join(docs, "benchmarks.svg"), renderChart(record));
}

/** The recorded value that the line falls behind, or undefined. A time with nothing beside it is not compared: it tells of
 * the machine, which may be another one. */
export function recordedBetter(line: Line, record: BenchRecord | undefined): number | undefined {
  if (line.figure === "ms" && line.against === undefined) return undefined;
  const lines = record?.results.flatMap((result) => result.lines) ?? [];
  const kept = lines.find(
    ({ row, figure, against }) => row === line.row && figure === line.figure && against === line.against,
  );
  return kept && line.value > kept.value / LEAST_RATE ? kept.value : undefined;
}
