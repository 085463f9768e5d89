import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const src = join(import.meta.dir, "../../src");

/** What each part of `src/` may import; a part's own files are always allowed. */
const ALLOWED: Record<string, string[]> = {
  "main.ts": ["beads", "session", "events", "cli", "provider"],
  beads: ["provider", "pod", "kube"],
  session: ["provider", "pod", "kube"],
  events: ["provider", "pod", "kube"],
  cli: ["provider", "pod", "kube", "../deploy", "../package.json"],
  provider: ["pod", "kube"],
  pod: [],
  kube: [],
};

test("parts import only what lies below them", () => {
  expect(sources().flatMap(violations)).toEqual([]);
});

test("no part is left without a rule, and no rule is left without a part", () => {
  const parts = new Set(sources().map(partOf));
  expect([...parts].filter((part) => !(part in ALLOWED))).toEqual([]);
  expect(Object.keys(ALLOWED).filter((part) => !parts.has(part))).toEqual([]);
});

function violations(file: string): string[] {
  const part = partOf(file);
  const imports = [...readFileSync(join(src, file), "utf8").matchAll(/(?:from |import\()"(\.[^"]+)"/g)].map(
    ([, path]) => path ?? "",
  );
  return imports
    .map((path) => partOf(relative(src, join(src, dirname(file), path))))
    .filter((target) => target !== part && !ALLOWED[part]?.includes(target))
    .map((target) => `${file} imports ${target}`);
}

function partOf(file: string): string {
  const [first = file, second] = file.split("/");
  return first === ".." ? `../${second}` : first;
}

function sources(): string[] {
  const files = readdirSync(src, { recursive: true, encoding: "utf8" });
  return files.filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"));
}
