import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PLANTED_BUGS } from "../fault/planted-bugs.ts";
import { faultSuites, fullSuites } from "../fault/suites.ts";

const root = join(import.meta.dir, "../..");

test("npm run test:fault without a name runs every suite that is not called by name only", () => {
  const named = faultSuites.filter(({ isByNameOnly }) => isByNameOnly).map(({ name }) => name);
  const whole = fullSuites([], "1").map(({ name }) => name);
  expect([...whole, ...named]).toEqual(faultSuites.map(({ name }) => name));
  expect(whole.length).toBeGreaterThanOrEqual(12);
});

test("each suite of faults can be named, and has tests", () => {
  for (const { name, tests } of faultSuites) {
    expect(fullSuites([name], "1")).toHaveLength(1);
    expect(tests.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  }
  expect(() => fullSuites(["nope"], "1")).toThrow("nope");
});

test("what a planted bug changes stands in the source, once", () => {
  for (const { name, file, changes } of PLANTED_BUGS) {
    const text = readFileSync(join(root, "src", file), "utf8");
    for (const [search] of changes) expect([name, search, text.split(search).length - 1]).toEqual([name, search, 1]);
  }
});
