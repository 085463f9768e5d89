import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(import.meta.dir, "../..");
const page = readFileSync(join(root, "docs/beads.md"), "utf8");

/** Cases of gc's suite that never leave gc. */
const INSIDE_GC = [20, 40, 42, 43, 44, 45, 46];
const CASES = 46;
const FAULTS = 23;

/** Titles of the tests of beads; `…` stands where one fills in a value. */
function titles(): Set<string> {
  const files = ["test/beads", "test/dolt", "src/beads", "src/pod"].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(root, folder, name)),
  );
  const sources = files.filter((name) => name.endsWith(".test.ts")).map((name) => readFileSync(name, "utf8"));
  const found = sources.flatMap((source) => [
    ...source.matchAll(/(?:title:\s+|^test\(|\]\)\()(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`),/gm),
  ]);
  // `${f(x)}` may hold brackets, but no braces.
  return new Set(found.map(([, text, template]) => (text ?? template ?? "").replace(/\$\{[^}]*\}/g, "…")));
}

/** Rows of the table below a heading, cell by cell. */
function rows(heading: string): string[][] {
  const begin = page.indexOf(`${heading}\n`);
  expect(begin).toBeGreaterThan(0);
  const text = page.slice(begin, page.indexOf("\n## ", begin + 1));
  return [...text.matchAll(/^\| ?(\d.*) \|$/gm)].map(([, row = ""]) => row.split(/(?<!\\) \| /));
}

function cited(text: string): string[] {
  return [...text.matchAll(/“([^”]+)”/g)].map(([, title = ""]) => title);
}

test("every test that docs/beads.md names exists", () => {
  expect(titles().size).toBeGreaterThan(80);
  expect(cited(page).length).toBeGreaterThan(50);
  expect(cited(page).filter((title) => !titles().has(title))).toEqual([]);
});

test("each case of the contract that a provider can be seen to keep has a test", () => {
  const table = rows("## The contract's cases");
  expect(table.filter(([, tests = ""]) => cited(tests).length === 0)).toEqual([]);
  const all = table.flatMap(([cases = ""]) => cases.split(", ").map(Number));
  const wanted = Array.from({ length: CASES }, (_, index) => index + 1).filter((one) => !INSIDE_GC.includes(one));
  expect(all.sort((one, other) => one - other)).toEqual(wanted);
});

test("each fault of upstream's script has a test, or a row of the benchmark", () => {
  const table = rows("## Upstream's script, and the tests that show the difference");
  expect(table.map(([number]) => Number(number))).toEqual(Array.from({ length: FAULTS }, (_, index) => index + 1));
  const ids = readFileSync(join(root, "test/bench/rows.ts"), "utf8");
  for (const [, , proof = ""] of table) {
    const figures = [...proof.matchAll(/`(beads-[a-z-]+)`/g)].map(([, id = ""]) => id);
    expect(cited(proof).length + figures.length).toBeGreaterThan(0);
    expect(figures.filter((id) => !ids.includes(`"${id}"`))).toEqual([]);
  }
});

test("the files that docs/beads.md leads to are there", () => {
  const links = [...page.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, path = ""]) => path);
  expect(links.filter((path) => !existsSync(join(root, dirname("docs/beads.md"), path)))).toEqual([]);
});
