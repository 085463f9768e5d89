import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { faultSuites, fullSuites } from "../fault/suites.ts";

const root = join(import.meta.dir, "../..");

test("npm run test:fault without a name runs every suite that does not wait for being named", () => {
  const expected = faultSuites.filter(({ isOnRequest }) => !isOnRequest).map(({ name }) => name);
  expect(fullSuites([], "1").map(({ name }) => name)).toEqual(expected);
});

test("each suite of faults can be named, and has tests", () => {
  for (const { name, tests } of faultSuites) {
    expect(fullSuites([name], "1")).toHaveLength(1);
    expect(tests.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  }
  expect(() => fullSuites(["nope"], "1")).toThrow("nope");
});
