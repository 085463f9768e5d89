import { expect, test } from "bun:test";
import { satisfies } from "./go-toolchain.ts";

test.each([
  ["go1.26.5", true],
  ["go1.26.12", true],
  ["go1.27rc1", true],
  ["go2.0", true],
  ["go1.26.4", false],
  ["go1.26", false],
  ["go1.25.9", false],
  ["go1.9", false],
  ["devel +abc", false],
])("satisfies() judges %p as %p", (version, enough) => {
  expect(satisfies(version)).toBe(enough);
});
