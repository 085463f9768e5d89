import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { markdownTable } from "../support/markdown-table.ts";
import type { SuiteResult } from "../support/suites.ts";
import { wholeRun } from "./suites.ts";

/** Figures that one suite told, as `report` writes them. */
export type Figures = { suite: string; seed: number } & Record<string, number | string>;

/** One whole run of all suites. */
export interface FaultRun {
  seed: number;
  seconds: number;
  results: Pick<SuiteResult, "name" | "passed" | "failed" | "seconds">[];
  figures: Figures[];
}

/** A run as docs/faults.json keeps it. */
interface KeptRun extends FaultRun {
  date: string;
  commit: string;
  machine: string;
}

const root = join(import.meta.dir, "../..");
const RECORD = join(root, "docs/faults.json");
const PAGE = join(root, "docs/faults.md");
const MOST_RUNS = 3;

/** What the suites of a run told of themselves. */
export function readFigures(path: string): Figures[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Figures);
}

/** Keeps the run beside the two before it in docs/faults.json, and renders docs/faults.md of them. */
export async function keepRun(run: FaultRun): Promise<void> {
  const before = existsSync(RECORD) ? (JSON.parse(readFileSync(RECORD, "utf8")) as KeptRun[]) : [];
  const results = run.results.map(({ name, passed, failed, seconds }) => ({
    name,
    passed,
    failed,
    seconds: Math.round(seconds),
  }));
  const kept: KeptRun = { date: new Date().toISOString(), commit: await commit(), machine: machine(), ...run, results };
  const runs = [...before, kept].slice(-MOST_RUNS);
  writeFileSync(RECORD, `${JSON.stringify(runs, undefined, 2)}\n`);
  writeFileSync(PAGE, renderFaults(runs));
}

/** Renders docs/faults.md. */
export function renderFaults(runs: KeptRun[]): string {
  const passed = (run: KeptRun) => run.results.every(({ failed }) => failed === 0);
  const overview = runs.map((run) => [
    run.date.slice(0, 10),
    run.commit,
    String(run.seed),
    minutes(run.seconds),
    passed(run)
      ? "all passed"
      : run.results.flatMap(({ name, failed }) => (failed ? [`${name}: ${failed} failed`] : [])).join(", "),
  ]);
  const suites = wholeRun.map(({ name }) => [
    name,
    ...runs.map((run) => {
      const result = run.results.find((each) => each.name === name);
      return result ? `${result.passed} passed, ${result.failed} failed, ${minutes(result.seconds)}` : "–";
    }),
  ]);
  const seeds = runs.map(({ seed }) => `seed ${seed}`);
  return `# Faults, load and attack: the last runs

\`npm run test:fault\` runs these suites whole and writes this page; [faults.json](faults.json) holds the same for programs.
\`FAULT_SEED=N npm run test:fault\` repeats a run. The suites are \`test/fault/suites.ts\`; two lanes of them run beside each other.

${runs.at(-1)?.machine ?? ""}. The cluster runs on the same machine.

${markdownTable(["date", "commit", "seed", "took", "came to"], overview)}
## Suites
${markdownTable(["suite", ...seeds], suites)}
## Figures
${runs.map((run) => `### Seed ${run.seed}\n${markdownTable(["suite", "figures"], run.figures.map(told))}`).join("\n")}`;
}

function told({ suite, seed: _, ...figures }: Figures): string[] {
  return [
    suite,
    Object.entries(figures)
      .map(([name, figure]) => `${name} ${figure}`)
      .join(", "),
  ];
}

function minutes(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${(seconds / 60).toFixed(1)} min`;
}

function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} CPUs (${cpu?.model ?? "unknown"}), ${Math.round(totalmem() / 1e9)} GB, ${process.platform} ${process.arch} ${release()}, Bun ${Bun.version}`;
}

async function commit(): Promise<string> {
  const child = Bun.spawn(["git", "rev-parse", "--short", "HEAD"], { cwd: root, stdout: "pipe", stderr: "ignore" });
  return (await child.stdout.text()).trim();
}
