import { expect, test } from "bun:test";
import type { Line } from "./measure.ts";
import { parseOptions } from "./options.ts";
import { type BenchRecord, recordedBetter } from "./record.ts";
import { rows } from "./rows.ts";
import { summarise } from "./statistics.ts";

test("summarise() takes the median of an even number of values from the middle two", () => {
  expect(summarise([4, 1, 3, 2])).toEqual({ runs: 4, median: 2.5, p95: 4, highest: 4 });
});

test("summarise() takes the 95th percentile by nearest rank", () => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(summarise(values)).toEqual({ runs: 100, median: 50.5, p95: 95, highest: 100 });
});

const line = { row: "peek", what: "", figure: "ms", against: "curl", limit: 2, ours: summarise([1]) } as const;

function recordOf(value: number): BenchRecord {
  return { results: [{ lines: [{ ...line, value } satisfies Line], also: {} }] } as unknown as BenchRecord;
}

test("recordedBetter() names a recorded value that is more than 1/0.7 better", () => {
  expect(recordedBetter({ ...line, value: 1.44 }, recordOf(1))).toBe(1);
  expect(recordedBetter({ ...line, value: 1.42 }, recordOf(1))).toBeUndefined();
});

test("recordedBetter() compares a line with its own record only", () => {
  expect(recordedBetter({ ...line, against: "kubectl", value: 9 }, recordOf(1))).toBeUndefined();
  expect(recordedBetter({ ...line, value: 9 }, undefined)).toBeUndefined();
});

test("recordedBetter() leaves out a time that stands alone, but not memory", () => {
  const { against: _, ...alone } = line;
  const kept = (figure: Line["figure"]) =>
    ({ results: [{ lines: [{ ...alone, figure, value: 1 }], also: {} }] }) as unknown as BenchRecord;
  expect(recordedBetter({ ...alone, value: 9 }, kept("ms"))).toBeUndefined();
  expect(recordedBetter({ ...alone, figure: "MB", value: 9 }, kept("MB"))).toBe(1);
});

test("parseOptions() refuses a row that does not exist", () => {
  expect(() => parseOptions(["--only", "nothing"], rows)).toThrow("Cannot use --only nothing");
});

test("every row has an id of its own", () => {
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
});
