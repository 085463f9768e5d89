import { afterAll, beforeAll, expect, spyOn, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closingLines, type Suite, type SuiteResult, suiteResults } from "./suites.ts";

const root = mkdtempSync(join(tmpdir(), "suites-"));
const FILES = {
  good: 'test("good", () => console.log("the good one prints"));',
  bad: `test('bad & "quoted"', () => expect<unknown>(1).toBe("<2>"));`,
  slow: 'test("slow", async () => await Bun.sleep(600));',
  endless: 'test("endless", async () => await Bun.sleep(60_000), 60_000);',
  crash: 'process.exit(3); test("never", () => {});',
};

beforeAll(() => {
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(join(root, name));
    writeFileSync(
      join(root, name, `${name}.test.ts`),
      `import { expect, test } from "bun:test";\nvoid expect;\n${text}\n`,
    );
  }
});
afterAll(() => rmSync(root, { recursive: true }));

function suite(name: keyof typeof FILES, lane: number): Suite {
  return { name, tests: [name], lane };
}

/** What suites came to, and what was printed meanwhile. */
async function run(
  suites: Suite[],
  limitMs?: number,
): Promise<{ results: SuiteResult[]; printed: string; ms: number }> {
  let printed = "";
  const write = spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  const began = performance.now();
  try {
    const results = await suiteResults(root, suites, limitMs);
    closingLines(results);
    return { results, printed, ms: performance.now() - began };
  } finally {
    write.mockRestore();
  }
}

test("suites of two lanes run at the same time, those of one lane after another, and every end is counted", async () => {
  const { results, printed } = await run([suite("slow", 1), suite("bad", 2), suite("good", 2), suite("crash", 2)]);
  const counts = results.map(({ name, passed, failed }) => [name, passed, failed]);
  expect(counts.toSorted()).toEqual([
    ["bad", 0, 1],
    ["crash", 0, 1],
    ["good", 1, 0],
    ["slow", 1, 0],
  ]);
  expect(counts.filter(([name]) => name !== "slow").map(([name]) => name)).toEqual(["bad", "good", "crash"]);
  expect(printed).toContain("the good one prints");
  expect(printed).toContain('Failed: bad: bad & "quoted"\n    expect(received).toBe(expected)\n    Expected: "<2>"\n');
  expect(printed).toContain("Failed: crash: the suite");
  expect(printed).toEndWith("2 passed, 2 failed\n");
}, 30_000);

test("a suite that is not done in time has failed", async () => {
  const { results } = await run([suite("endless", 1), suite("good", 1)], 500);
  expect(results.map(({ name, failed }) => [name, failed])).toEqual([
    ["endless", 1],
    ["good", 1],
  ]);
}, 30_000);
