import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runsOf } from "../fault/chance.ts";
import { CONDITIONS, type Condition } from "./conditions.ts";

const root = join(import.meta.dir, "../..");
const IS_WHOLE = runsOf(1, 0) > 0;
const ALL = readdirSync(join(root, "test/conformance")).filter((name) => name.endsWith(".test.ts"));
const FILES = IS_WHOLE ? ALL : ["is-running", "stop", "meta", "copy"].map((name) => `${name}.test.ts`);
/** In short: a start, an end, a look, something kept and something copied. */
const TITLES =
  "prints exactly true|makes is-running false at once|what set-meta was given|copy-to of a file makes exactly that file";
const CONCURRENCY = process.env["GC_TEST_CONCURRENCY"] ?? "8";
const TIMEOUT_MS = FILES.length * 300_000;

test("what is left out under a condition is a rule that there is", () => {
  const source = ALL.map((name) => readFileSync(join(root, "test/conformance", name), "utf8")).join("");
  const titles = CONDITIONS.flatMap(({ without, only = [] }) => [...Object.keys(without), ...only]);
  expect(titles.filter((title) => !source.includes(`"${title}"`))).toEqual([]);
});

test.each(CONDITIONS)(
  "the conformance tests pass under $name",
  async (condition) => {
    const { env, prepare } = condition;
    const prepared = await prepare?.();
    try {
      const paths = FILES.map((name) => `./test/conformance/${name}`);
      const options = [
        "--timeout=120000",
        `--max-concurrency=${CONCURRENCY}`,
        "--dots",
        `--test-name-pattern=${IS_WHOLE ? titlesOf(condition) : TITLES}`,
      ];
      const child = Bun.spawn([process.execPath, "test", ...options, ...paths], {
        cwd: root,
        env: { ...process.env, GC_TEST_RULES_ONLY: "1", ...env, ...prepared?.env },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      });
      const [output] = await Promise.all([child.stderr.text(), child.stdout.text(), child.exited]);
      expect(output).toMatch(/\n *[1-9]\d* pass\n(.* filtered out\n)? *0 fail\n/);
      expect(child.exitCode).toBe(0);
    } finally {
      prepared?.remove();
    }
  },
  TIMEOUT_MS,
);

/** Pattern of the rules that hold under the condition. */
function titlesOf({ without, only }: Condition): string {
  const anyOf = (titles: string[]) => titles.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  if (only) return `(${anyOf(only)})$`;
  return `^(?!.*(${anyOf(Object.keys(without))})$)`;
}
