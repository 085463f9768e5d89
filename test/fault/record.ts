import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { markdownTable } from "../support/markdown-table.ts";
import type { SuiteResult } from "../support/suites.ts";
import { faultSuites, wholeRun } from "./suites.ts";

/** Figures that one suite told, as `report` writes them. */
export type Figures = { suite: string; seed: number } & Record<string, number | string>;

/** What the suites of one run came to. */
export interface FaultRun {
  seed: number;
  seconds: number;
  results: Pick<SuiteResult, "name" | "passed" | "failed" | "seconds">[];
  figures: Figures[];
}

/** When, of what and where a run was made. */
interface Made {
  date: string;
  commit: string;
  machine: string;
}

/** What one suite's last run with a seed came to. */
type KeptResult = FaultRun["results"][number] &
  Made & {
    /** How many runs with this seed it took: a pass of the second says that there was a first. */
    runs: number;
  };

/** What is known of one seed: each suite's last run with it. */
export interface KeptSeed {
  seed: number;
  /** Seconds of a run of all suites, two lanes of them beside each other. */
  seconds: number;
  results: KeptResult[];
  figures: Figures[];
}

const root = join(import.meta.dir, "../..");
const RECORD = join(root, "docs/faults.json");
const PAGE = join(root, "docs/faults.md");
/** Three whole runs, and one of which the suites that run by name may be. */
const MOST_SEEDS = 4;

/** What the suites of a run told of themselves. */
export function readFigures(path: string): Figures[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Figures);
}

/** Keeps a run in docs/faults.json and renders docs/faults.md. A run of all suites is kept beside the three seeds before
 * it; one of some suites counts where its seed is kept, in place of what they came to before. */
export async function keepRun(run: FaultRun): Promise<void> {
  const before = existsSync(RECORD) ? (JSON.parse(readFileSync(RECORD, "utf8")) as KeptSeed[]) : [];
  const seeds = merged(before, run, { date: new Date().toISOString(), commit: await commit(), machine: machine() });
  if (!seeds) return;
  writeFileSync(RECORD, `${JSON.stringify(seeds, undefined, 2)}\n`);
  writeFileSync(PAGE, renderFaults(seeds));
}

/** The record with the run in it; undefined when it has no place there. */
export function merged(
  before: KeptSeed[],
  { seed, seconds, results, figures }: FaultRun,
  made: Made,
): KeptSeed[] | undefined {
  const kept = before.find((each) => each.seed === seed);
  const fresh = results.map((result) => {
    const { name, passed, failed } = result;
    const runs = 1 + (kept?.results.find((each) => each.name === name)?.runs ?? 0);
    return { name, passed, failed, seconds: Math.round(result.seconds), runs, ...made };
  });
  const ran = new Set(fresh.map(({ name }) => name));
  const isWhole = wholeRun.every(({ name }) => ran.has(name));
  if (!isWhole && !kept) return undefined;
  const told = new Set(figures.map(({ suite }) => suite));
  const now: KeptSeed = {
    seed,
    seconds: kept && !isWhole ? kept.seconds : seconds,
    results: [...(kept?.results ?? []).filter(({ name }) => !ran.has(name)), ...fresh],
    figures: [...(kept?.figures ?? []).filter(({ suite }) => !told.has(suite)), ...figures],
  };
  return [...before.filter((each) => each !== kept), now].slice(-MOST_SEEDS);
}

/** Renders docs/faults.md. */
export function renderFaults(seeds: KeptSeed[]): string {
  const overview = seeds.map(({ seed, seconds, results }) => [
    String(seed),
    minutes(seconds),
    results.every(({ failed }) => failed === 0)
      ? "all passed"
      : results.flatMap(({ name, failed }) => (failed ? [`${name}: ${failed} failed`] : [])).join(", "),
    results.flatMap(({ name, runs }) => (runs > 1 ? [name] : [])).join(", ") || "–",
  ]);
  const suites = faultSuites.map(({ name }) => [
    name,
    ...seeds.map(({ results }) => {
      const result = results.find((each) => each.name === name);
      return result ? came(result) : "–";
    }),
  ]);
  const heads = seeds.map(({ seed }) => `seed ${seed}`);
  return `# Faults, load and attack: the last runs

\`npm run test:fault\` runs these suites whole and writes this page; [faults.json](faults.json) holds the same for programs.
\`FAULT_SEED=N npm run test:fault\` repeats a run, \`FAULT_SEED=N npm run test:fault -- NAME…\` some suites of it, in place of what they came to before.
The suites are \`test/fault/suites.ts\`; in a run of all of them two lanes run beside each other. The cluster runs on the same machine.

${markdownTable(["seed", "all suites took", "each suite's last run came to", "not in their first run"], overview)}
## Suites
${markdownTable(["suite", ...heads], suites)}
${seeds.map(seedSection).join("\n")}`;
}

function came({ passed, failed, seconds, runs }: KeptResult): string {
  return `${passed} passed, ${failed} failed, ${minutes(seconds)}${runs > 1 ? `, run ${runs}` : ""}`;
}

function seedSection({ seed, results, figures }: KeptSeed): string {
  const runs = Map.groupBy(results, ({ date, commit: of, machine: on }) => `${date.slice(0, 10)}, commit ${of}, ${on}`);
  const made = [...runs].map(([run, suites]) => `- ${run}: ${suites.map(({ name }) => name).join(", ")}`);
  return `## Seed ${seed}\n${made.join("\n")}\n\n${markdownTable(["suite", "figures"], figures.map(told))}`;
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
