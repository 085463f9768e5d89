import { expect, test } from "bun:test";
import { type FaultRun, type KeptSeed, merged, renderFaults } from "./record.ts";
import { wholeRun } from "./suites.ts";

const MADE = { date: "2026-01-02T03:04:05Z", commit: "abc", machine: "a machine" };

function run(seed: number, names: string[], failed = 0): FaultRun {
  const results = names.map((name) => ({ name, passed: 3, failed, seconds: 61.4 }));
  return { seed, seconds: 1_500, results, figures: names.map((suite) => ({ suite, seed, runs: failed + 1 })) };
}

const ALL = wholeRun.map(({ name }) => name);
const kept = (...runs: FaultRun[]) => runs.reduce((seeds: KeptSeed[], each) => merged(seeds, each, MADE) ?? seeds, []);

test("a run of all suites is kept beside the three before it", () => {
  expect(kept(...[1, 2, 3, 4, 5].map((seed) => run(seed, ALL))).map(({ seed }) => seed)).toEqual([2, 3, 4, 5]);
});

test("a suite that is run again counts in place of what it came to before, with that seed alone", () => {
  const seeds = kept(run(1, ALL, 1), run(2, ALL, 1), run(1, ["nudge", "security"]));
  const failures = seeds.map(({ seed, results }) => [seed, results.filter(({ failed }) => failed > 0).length]);
  expect(failures).toEqual([
    [2, ALL.length],
    [1, ALL.length - 1],
  ]);
  const figures = seeds[1]?.figures.filter(({ suite }) => suite === "nudge");
  expect(figures).toEqual([{ suite: "nudge", seed: 1, runs: 1 }]);
  expect(seeds[1]?.results.at(-1)?.name).toBe("security");
});

test("a pass that took more than one run says so, to programs and on the page", () => {
  const seeds = kept(run(1, ALL), run(2, ALL), run(2, ["nudge"], 1), run(2, ["nudge"]));
  const took = seeds.map(({ results }) => results.flatMap(({ name, runs }) => (runs === 1 ? [] : [[name, runs]])));
  expect(took).toEqual([[], [["nudge", 3]]]);
  const page = renderFaults(seeds);
  expect(page).toContain("| 1 | 25.0 min | all passed | – |");
  expect(page).toContain("| 2 | 25.0 min | all passed | nudge |");
  expect(page).toContain("| nudge | 3 passed, 0 failed, 61 s | 3 passed, 0 failed, 61 s, run 3 |");
});

test("a whole run that is repeated is every suite's second", () => {
  expect(kept(run(1, ALL, 1), run(1, ALL))[0]?.results.map(({ runs }) => runs)).toEqual(ALL.map(() => 2));
});

test("some suites with a seed that is not kept are no record", () => {
  expect(merged(kept(run(1, ALL)), run(2, ["nudge"]), MADE)).toBeUndefined();
});

test("the page tells what failed, and does not hide it behind what passed", () => {
  const page = renderFaults(kept(run(1, ALL), run(2, ALL, 2), run(2, ALL.slice(1))));
  expect(page).toContain("| 1 | 25.0 min | all passed |");
  expect(page).toContain(`| 2 | 25.0 min | ${ALL[0]}: 2 failed |`);
  expect(page).toContain("2026-01-02, commit abc, a machine: ");
});
