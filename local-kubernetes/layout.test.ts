import { expect, test } from "bun:test";
import { clusterNamed } from "./layout.ts";

test("clusterNamed() gives every cluster its own link, short enough for Linux", () => {
  const links = ["default", "a", "x".repeat(40)].map((name) => clusterNamed(name).link);
  expect(new Set(links).size).toBe(3);
  for (const link of links) expect(link.length).toBeLessThanOrEqual(15);
});
