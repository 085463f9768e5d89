import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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
}

/** Numbers of tests, and the names of those that failed. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  failures?: string[];
}

/** Runs the suites one after another and prints what failed and `N passed, N failed` last; returns the exit code.
 * All of them together get at most `limitMs` milliseconds, if it is given. */
export async function runSuites(root: string, suites: Suite[], limitMs?: number): Promise<number> {
  const end = limitMs === undefined ? undefined : performance.now() + limitMs;
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  const failures: string[] = [];
  for (const suite of suites) {
    const began = performance.now();
    process.stdout.write(`\n== ${suite.name}\n`);
    const leftMs = end === undefined ? undefined : Math.max(1, end - began);
    const counts = suite.command
      ? await runCommand(root, suite.command)
      : await runTests(root, { ...suite, ...limited(suite.limitMs, leftMs) });
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    if (counts.failed > 0) failures.push(...(counts.failures ?? ["the suite"]).map((test) => `${suite.name}: ${test}`));
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    process.stdout.write(`== ${suite.name}: ${summary(counts)} in ${seconds} s\n`);
  }
  // Hours of output lie above; whoever reads the end must see what to look for.
  for (const failure of failures) process.stdout.write(`\nFailed: ${failure}`);
  process.stdout.write(`\n${summary(total)}\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
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

async function runTests(root: string, suite: Suite): Promise<Counts> {
  const scratch = mkdtempSync(join(tmpdir(), "gc-k8s-suite-"));
  const report = join(scratch, "report.xml");
  // A path with a leading "./" is a path to Bun, not a filter on names.
  const paths = (suite.tests ?? []).map((path) => `./${path}`);
  const concurrency = suite.concurrency ? [`--max-concurrency=${suite.concurrency}`] : [];
  const options = [
    ...concurrency,
    `--timeout=${suite.timeoutMs ?? 60_000}`,
    "--reporter=junit",
    `--reporter-outfile=${report}`,
  ];
  const child = Bun.spawn([process.execPath, "test", ...options, ...paths], {
    cwd: root,
    stdout: "inherit",
    stderr: "inherit",
    stdin: "ignore",
    ...(suite.limitMs && { timeout: suite.limitMs }),
    env: { ...process.env, ...suite.env },
  });
  const exit = await child.exited;
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
    const [, tests, failures, skipped] =
      /<testsuites[^>]* tests="(\d+)"[^>]* failures="(\d+)"[^>]* skipped="(\d+)"/.exec(report) ?? [];
    const failed = Number(failures);
    const passed = Number(tests) - failed - Number(skipped);
    const names = failedNames(report);
    return Number.isInteger(passed) && passed > 0
      ? { passed, failed, skipped: Number(skipped), failures: names }
      : { passed: 0, failed: Math.max(1, failed || 0), skipped: 0, ...(names.length > 0 && { failures: names }) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** Names of the test cases of a JUnit report that hold a failure. */
function failedNames(report: string): string[] {
  const cases = report.matchAll(/<testcase name="([^"]*)"[^>]*[^/]>\s*<failure/g);
  return [...cases].map(([, name = ""]) =>
    name.replaceAll("&apos;", "'").replaceAll("&quot;", '"').replaceAll("&amp;", "&"),
  );
}
