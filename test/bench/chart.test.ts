import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { renderChart } from "./chart.ts";
import { renderPage } from "./page.ts";
import { readRecord } from "./record.ts";
import { rows } from "./rows.ts";
import { rangeText, upstreamFigures } from "./upstream-figures.ts";

const record = readRecord();
const chart = record ? renderChart(record) : "";

test("docs/benchmarks.svg and docs/benchmarks.md are made from docs/benchmarks.json", () => {
  const docs = join(import.meta.dir, "../../docs");
  expect(chart).toBe(readFileSync(join(docs, "benchmarks.svg"), "utf8"));
  expect(record && renderPage(record)).toBe(readFileSync(join(docs, "benchmarks.md"), "utf8"));
});

test("every figure of upstream's stands beside ours, in the chart and on the page", () => {
  const measured = record?.results.map(({ lines }) => lines[0]?.row ?? "") ?? [];
  for (const [row, figures] of Object.entries(upstreamFigures)) {
    expect(rows.map(({ id }) => id)).toContain(row);
    expect(measured).toContain(row);
    for (const figure of figures) {
      expect(chart).toContain(rangeText(figure));
      expect(record && renderPage(record)).toContain(rangeText(figure));
    }
  }
  expect(chart.match(/>gc-k8s</g)?.length).toBeGreaterThanOrEqual(Object.keys(upstreamFigures).length);
});

test("what is measured against kubectl is drawn as it was measured", () => {
  const lines = record?.results.flatMap((result) => result.lines).filter(({ against }) => against?.includes("kubectl"));
  expect(lines?.length).toBeGreaterThan(0);
  for (const { against = "" } of lines ?? []) expect(chart).toContain(`>${against}</text>`);
});
