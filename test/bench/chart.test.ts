import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { renderChart } from "./chart.ts";
import { readRecord } from "./record.ts";

const record = readRecord();

test("docs/benchmarks.svg is drawn from docs/benchmarks.json", () => {
  const path = join(import.meta.dir, "../../docs/benchmarks.svg");
  expect(record && renderChart(record)).toBe(readFileSync(path, "utf8"));
});

test("each comparison has its two figures", () => {
  const lines = record?.results.flatMap((result) => result.lines).filter(({ theirs }) => theirs) ?? [];
  const chart = record ? renderChart(record) : "";
  expect(chart.match(/<rect /g)).toHaveLength(1 + 2 * lines.length);
});
