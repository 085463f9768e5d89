import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One suite: a command that passes or fails as a whole, or paths whose test files Bun runs. */
export interface Suite {
  name: string;
  command?: string[];
  /** Paths below the repository; every `*.test.ts` in them runs. */
  tests?: string[];
  env?: Record<string, string>;
  /** Most milliseconds for one test. */
  timeoutMs?: number;
  /** Most milliseconds for the whole suite; it is killed then, and has failed. */
  limitMs?: number;
  /** Most concurrent tests of one file that run at a time. */
  concurrency?: number;
  /** Test files that run at a time, each in a process of its own; 1 if it is left out. */
  files?: number;
  /** Suites of another lane run at the same time; those of one lane run one after another. */
  lane?: number;
}

/** A test that failed, and why, in the words of its assertion. */
export interface Failure {
  name: string;
  message: string;
}

/** Numbers of tests, and those that failed. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  failures?: Failure[];
}

/** What one suite came to. */
export interface SuiteResult extends Counts {
  name: string;
  seconds: number;
}

/** Runs the suites, lanes beside each other, and prints what failed and `N passed, N failed` last; returns the exit code.
 * All of them together get at most `limitMs` milliseconds, if it is given. */
export async function runSuites(root: string, suites: Suite[], limitMs?: number): Promise<number> {
  return closingLines(await suiteResults(root, suites, limitMs));
}

/** Runs the suites and resolves with what each came to, in the order of their ends. The output of a suite that does not
 * run alone is printed at its end. */
export async function suiteResults(root: string, suites: Suite[], limitMs?: number): Promise<SuiteResult[]> {
  const end = limitMs === undefined ? undefined : performance.now() + limitMs;
  const lanes = [...Map.groupBy(suites, ({ lane = 0 }) => lane).values()];
  const results: SuiteResult[] = [];
  const runLane = async (lane: Suite[]) => {
    for (const suite of lane) results.push(await runSuite(root, suite, { end, isAlone: lanes.length === 1 }));
  };
  await Promise.all(lanes.map(runLane));
  return results;
}

async function runSuite(
  root: string,
  suite: Suite,
  { end, isAlone }: { end: number | undefined; isAlone: boolean },
): Promise<SuiteResult> {
  const began = performance.now();
  process.stdout.write(isAlone ? `\n== ${suite.name}\n` : `== ${suite.name} begins\n`);
  const leftMs = end === undefined ? undefined : Math.max(1, Math.ceil(end - began));
  const counts = suite.command
    ? await runCommand(root, suite.command)
    : await runTests(root, { ...suite, ...limited(suite.limitMs, leftMs) }, isAlone);
  const seconds = (performance.now() - began) / 1000;
  process.stdout.write(`== ${suite.name}: ${summary(counts)} in ${seconds.toFixed(1)} s\n`);
  return { name: suite.name, seconds, ...counts };
}

/** Prints what failed and the totals; returns the exit code. */
export function closingLines(results: SuiteResult[]): number {
  const sum = (name: "passed" | "failed" | "skipped") => results.reduce((total, counts) => total + counts[name], 0);
  const total: Counts = { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
  // Hours of output lie above; whoever reads the end must see what to look for.
  for (const { name, failed, failures } of results)
    if (failed > 0)
      for (const test of failures?.length ? failures : [{ name: "the suite", message: "" }])
        process.stdout.write(`\nFailed: ${name}: ${test.name}${beginning(test.message)}`);
  process.stdout.write(`\n${summary(total)}\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** Most lines and characters of a message that the end repeats; all of it stands above. */
const MOST_LINES = 24;
const MOST_CHARACTERS = 2_000;

function beginning(message: string): string {
  const lines = message.slice(0, MOST_CHARACTERS).split("\n").slice(0, MOST_LINES);
  return lines
    .filter((line) => line.trim() !== "")
    .map((line) => `\n    ${line}`)
    .join("");
}

function limited(own: number | undefined, leftMs: number | undefined): { limitMs?: number } {
  const limits = [own, leftMs].filter((limit) => limit !== undefined);
  return limits.length > 0 ? { limitMs: Math.min(...limits) } : {};
}

function summary({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`;
}

async function runCommand(root: string, command: string[]): Promise<Counts> {
  const child = Bun.spawn(command, { cwd: root, stdout: "inherit", stderr: "inherit", stdin: "ignore" });
  return (await child.exited) === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

async function runTests(root: string, suite: Suite, isAlone: boolean): Promise<Counts> {
  const scratch = mkdtempSync(join(tmpdir(), "gc-k8s-suite-"));
  const report = join(scratch, "report.xml");
  const output = isAlone ? undefined : openSync(join(scratch, "output"), "w");
  // A path with a leading "./" is a path to Bun, not a filter on names.
  const paths = (suite.tests ?? []).map((path) => `./${path}`);
  const concurrency = suite.concurrency ? [`--max-concurrency=${suite.concurrency}`] : [];
  const files = suite.files ? [`--parallel=${suite.files}`] : [];
  const options = [
    ...concurrency,
    ...files,
    `--timeout=${suite.timeoutMs ?? 60_000}`,
    "--reporter=junit",
    `--reporter-outfile=${report}`,
  ];
  const child = Bun.spawn([process.execPath, "test", ...options, ...paths], {
    cwd: root,
    stdout: output ?? "inherit",
    stderr: output ?? "inherit",
    stdin: "ignore",
    ...(suite.limitMs && { timeout: suite.limitMs }),
    env: { ...process.env, ...suite.env },
  });
  const exit = await child.exited;
  if (output !== undefined) {
    closeSync(output);
    process.stdout.write(readFileSync(join(scratch, "output")));
  }
  const counts = readReport(report);
  rmSync(scratch, { recursive: true });
  // A runner that fails beside its tests (a file that does not load, a crash) is a failure of its own.
  if (exit !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** Totals of a JUnit report; a report that is missing or empty counts one failure. */
export function readReport(path: string): Counts {
  try {
    const report = readFileSync(path, "utf8");
    const [, tests, failing, skipped] =
      /<testsuites[^>]* tests="(\d+)"[^>]* failures="(\d+)"[^>]* skipped="(\d+)"/.exec(report) ?? [];
    const failed = Number(failing);
    const passed = Number(tests) - failed - Number(skipped);
    const failures = failuresIn(report);
    return Number.isInteger(passed) && passed > 0
      ? { passed, failed, skipped: Number(skipped), failures }
      : { passed: 0, failed: Math.max(1, failed || 0), skipped: 0, ...(failures.length > 0 && { failures }) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** The test cases of a JUnit report that hold a failure. */
function failuresIn(report: string): Failure[] {
  const cases = report.matchAll(/<testcase name="([^"]*)"[^>]*[^/]>\s*<failure(?:[^>]*? message="([^"]*)")?/g);
  return [...cases].map(([, name = "", message = ""]) => ({ name: plain(name), message: plain(message) }));
}

const ENTITIES: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

/** The text that an XML attribute stands for. */
function plain(attribute: string): string {
  return attribute.replaceAll(/&(?:#(\d+)|(\w+));/g, (whole, code, name) =>
    code === undefined ? (ENTITIES[name] ?? whole) : String.fromCodePoint(Number(code)),
  );
}
