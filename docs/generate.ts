import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beadsProgram } from "../src/beads/program.ts";
import { eventsProgram } from "../src/events/program.ts";
import type { Operation, Program } from "../src/provider/operation.ts";
import type { SettingRows } from "../src/provider/setting-row.ts";
import { keyOf } from "../src/provider/settings.ts";
import { type SettingName, settingGroups } from "../src/provider/settings-table.ts";
import { sessionProgram } from "../src/session/program.ts";
import { chartFiles } from "./generate-chart.ts";
import { installerRole, rbacManifest } from "./generate-rbac.ts";

const root = join(import.meta.dir, "..");

/** A rule of the contract as its test states it. */
export interface ProvedRule {
  /** What the rule is about: an operation, or a family of them. */
  subject: string;
  /** Title of the rule; `…` stands where the test fills in a value. */
  title: string;
  /** Test file, relative to `docs/`. */
  file: string;
}

/** The parts of `docs/operations.md` that follow from the code, by the name in their marks. */
const SECTIONS: Sections = { operations: sessionOperations, rules: rulesTables };

/** What makes each part of a page, by the name in its marks. */
type Sections = Record<string, () => string | Promise<string>>;

/** Operations that a provider need not have; gc asks for each and takes 2 for "not there". */
const OPTIONAL = ["exec", "check-image", "watch-startup", "provision"];

/** Text of every generated page by its path in the repository, made from the code and from what is written by hand. */
export async function generatedPages(): Promise<Map<string, string>> {
  return new Map([
    ["deploy/rbac.yaml", rbacManifest()],
    ["docs/installer-role.yaml", installerRole()],
    ...chartFiles(),
    ["docs/settings.md", await fill("docs/settings.md", { settings: settingsTables })],
    ["docs/beads.md", await fill("docs/beads.md", { "beads operations": () => operationsTable(beadsProgram) })],
    ["docs/operations.md", await fill("docs/operations.md", SECTIONS)],
    ["docs/events.md", await fill("docs/events.md", { operations: () => operationsTable(eventsProgram) })],
  ]);
}

/** Every rule that the conformance tests prove, in the order of files and rows. */
export function provedRules(): ProvedRule[] {
  const folder = join(root, "test/conformance");
  const files = readdirSync(folder).filter((name) => name.endsWith(".test.ts"));
  return files.sort().flatMap((name) => {
    const rules = rulesIn(readFileSync(join(folder, name), "utf8"));
    return rules.map((rule) => ({ ...rule, file: `../test/conformance/${name}` }));
  });
}

/** Reads tables of rules out of a test's source, because loading a test file would run it. */
export function rulesIn(source: string): { subject: string; title: string }[] {
  const words = source.matchAll(/^rules\("([^"]+)"|^ +title:\s+(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`),$/gm);
  const found: { subject: string; title: string }[] = [];
  let subject = "";
  for (const [, newSubject, text, template] of words) {
    if (newSubject !== undefined) subject = newSubject;
    else found.push({ subject, title: (text ?? template ?? "").replace(/\$\{[^}]*\}/g, "…").replace(/\\(.)/g, "$1") });
  }
  return found;
}

/** The page of this path with each section's text between its marks; throws when a mark is missing. */
async function fill(path: string, sections: Sections): Promise<string> {
  let text = readFileSync(join(root, path), "utf8");
  for (const [name, make] of Object.entries(sections)) {
    const marks = new RegExp(`(<!-- generated: ${name} -->\n)[\\s\\S]*?(<!-- end -->)`);
    if (!marks.test(text)) throw new Error(`Cannot generate the section "${name}": its marks are missing`);
    const made = await make();
    text = text.replace(marks, (_, begin: string, end: string) => `${begin}${made}\n${end}`);
  }
  return text;
}

async function sessionOperations(): Promise<string> {
  const absent = OPTIONAL.filter((name) => !Object.hasOwn(sessionProgram.operations, name)).map(code);
  const sentence =
    absent.length > 0
      ? `Optional in the contract and not implemented: ${absent.join(", ")}. Like every unknown name they end with 2.`
      : "Every other name ends with 2.";
  return `${await operationsTable(sessionProgram)}\n\n${sentence}`;
}

async function operationsTable({ operations }: Program): Promise<string> {
  const rows = Object.entries(operations).map(async ([name, load]) => {
    const operation = await load();
    return [code(`${name} ${operation.usage}`.trim()), operation.help, timeLimit(operation)];
  });
  return table(["Operation", "What it does", "Gives up after"], await Promise.all(rows));
}

function timeLimit({ deadlineMs }: Operation): string {
  return deadlineMs === undefined ? "never" : `${deadlineMs / 1000} s`;
}

function rulesTables(): string {
  const rules = provedRules();
  const subjects = [...new Set(rules.map(({ subject }) => subject))];
  return subjects
    .map((subject) => {
      const rows = rules
        .filter((rule) => rule.subject === subject)
        .map(({ title, file }) => [title, `[${file.split("/").pop()}](${file})`]);
      return `### ${subject}\n${table(["Rule, and title of its test", "In"], rows)}`;
    })
    .join("\n\n");
}

function settingsTables(): string {
  return Object.entries(settingGroups)
    .map(([subject, rows]) => `## ${subject}\n${settingsTable(rows)}`)
    .join("\n\n");
}

function settingsTable(settings: SettingRows): string {
  const rows = Object.entries(settings).map(([name, row]) => [
    code(name),
    code(keyOf(name as SettingName)),
    row.default ? code(row.default) : "",
    row.help,
  ]);
  return table(["Environment variable", "Key in the file", "Default", "Meaning"], rows);
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}

async function writePages(): Promise<void> {
  for (const [path, text] of await generatedPages()) writeFileSync(join(root, path), text);
}

if (import.meta.main) await writePages();
