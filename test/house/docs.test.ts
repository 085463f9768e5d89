import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generatedPages, provedRules } from "../../docs/generate.ts";
import { settingRows } from "../../src/provider/settings-table.ts";
import { sessionProgram } from "../../src/session/program.ts";

const root = join(import.meta.dir, "../..");
const PAGES = [
  ...["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/guide.md"],
  ...["docs/operations.md", "docs/settings.md", "docs/beads.md", "docs/events.md", "docs/security.md"],
];

test.each([...(await generatedPages())])("%s is what npm run docs writes", (path, text) => {
  expect(read(path)).toBe(text);
});

test("docs/operations.md has each operation with its usage and help, and no other", async () => {
  const rows = firstCells(section("operations.md", "## The operations"));
  const loads = Object.entries(sessionProgram.operations);
  const operations = await Promise.all(loads.map(async ([name, load]) => ({ name, ...(await load()) })));
  expect(rows).toEqual(operations.map(({ name, usage }) => `${name} ${usage}`.trim()));
  for (const { help } of operations) expect(read("docs/operations.md")).toContain(help.replaceAll("|", "\\|"));
});

test("docs/operations.md tells of each operation what goes in, what comes out and what it asks of the cluster", () => {
  const rows = firstCells(section("operations.md", "## In and out"));
  expect(rows.sort()).toEqual(Object.keys(sessionProgram.operations).sort());
});

test("every row of a rule is read, and docs/operations.md lists each", () => {
  const files = readdirSync(join(root, "test/conformance")).filter((name) => name.endsWith(".test.ts"));
  const sources = files.map((name) => read(`test/conformance/${name}`));
  const checks = sources.flatMap((source) => source.match(/^ +(async )?check(\(|:)/gm) ?? []);
  expect(provedRules()).toHaveLength(checks.length);
  expect(checks.length).toBeGreaterThan(50);
  const text = section("operations.md", "## Rule by rule");
  expect(provedRules().filter(({ title }) => !text.includes(title))).toEqual([]);
});

test("what docs/operations.md says of upstream's requirements names rules that exist", () => {
  const cited = [...section("operations.md", "## Upstream's requirements").matchAll(/“([^”]+)”/g)];
  expect(cited.length).toBeGreaterThan(20);
  const titles = new Set(provedRules().map(({ title }) => title));
  expect(cited.map(([, title = ""]) => title).filter((title) => !titles.has(title))).toEqual([]);
});

test("docs/settings.md has each setting with its help, and no other", () => {
  expect(firstCells(section("settings.md", "# Settings"))).toEqual(Object.keys(settingRows));
  for (const { help } of Object.values(settingRows)) expect(read("docs/settings.md")).toContain(help);
});

test("the pages name settings, commands and files that exist", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  for (const page of PAGES) {
    const text = read(page);
    const settings = text.match(/\bGC_K8S_[A-Z_]*[A-Z]\b/g) ?? [];
    expect({ page, unknown: settings.filter((name) => !(name in settingRows)) }).toEqual({ page, unknown: [] });
    const commands = [...text.matchAll(/\bnpm run (?:-s )?([a-z]+)/g)].map(([, name = ""]) => name);
    expect({ page, unknown: commands.filter((name) => !(name in scripts)) }).toEqual({ page, unknown: [] });
    const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, path = ""]) => path);
    const named = [...text.matchAll(/`((?:test|src|deploy|local-kubernetes|images|pack|examples)\/[\w./-]+)`/g)];
    const missing = [
      ...links.filter((path) => !existsSync(join(root, dirname(page), path))),
      ...named.map(([, path = ""]) => path).filter((path) => !existsSync(join(root, path))),
    ];
    expect({ page, missing }).toEqual({ page, missing: [] });
  }
});

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** From a heading to the next of its level. */
function section(page: string, heading: string): string {
  const text = read(join("docs", page));
  const begin = text.indexOf(`${heading}\n`);
  const level = heading.slice(0, heading.indexOf(" ") + 1);
  const end = text.indexOf(`\n${level}`, begin + heading.length);
  return begin < 0 ? "" : text.slice(begin, end < 0 ? undefined : end);
}

/** What stands as code in the first column of the tables of a text. */
function firstCells(text: string): string[] {
  return [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell = ""]) => cell.replaceAll("\\|", "|"));
}
