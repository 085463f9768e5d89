import { join } from "node:path";
import { build } from "../../build.ts";
import { clusterUp } from "../support/cluster.ts";
import { describeMachine } from "./machine.ts";
import { type Line, measureRow, type RowResult } from "./measure.ts";
import { type Options, parseOptions } from "./options.ts";
import { openPlace, type Place } from "./place.ts";
import { type BenchRecord, readRecord, recordedBetter, writeRecord } from "./record.ts";
import { rows } from "./rows.ts";
import { aligned, cells, HEADS, times } from "./table.ts";

/** A quick run has too few samples for the limits themselves: five starts can all meet the bad part of the kubelet's second. */
const QUICK_SLACK = 2;

/** Measures what the options ask for, prints it, and keeps it when it was everything of ours; returns the exit code. */
async function bench(options: Options): Promise<number> {
  const built = await build(join(import.meta.dir, "../.."));
  const isWithBeads = options.rows.some(({ id }) => id.startsWith("beads-"));
  const cluster = await clusterUp("default", isWithBeads ? "beads" : undefined);
  const place = await openPlace(cluster, built, options.executable);
  const closeAndExit = () => void place.close().finally(() => process.exit(130));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, closeAndExit);
  try {
    const results = await measureRows(options, place);
    const record = options.quick ? undefined : readRecord();
    const verdicts = results.flatMap(({ lines }) =>
      lines.map((line) => ({ line, verdict: judge(line, options, record) })),
    );
    process.stdout.write(`\n${aligned([HEADS, ...verdicts.map(({ line, verdict }) => cells(line, verdict))])}`);
    if (options.quick)
      process.stdout.write(`Quick: too few runs to judge by, so each limit counts ${QUICK_SLACK} times.\n`);
    const isWorse = verdicts.some(({ verdict }) => verdict.startsWith("WORSE"));
    // A part, or another executable, is no record; a regression must not become the next yardstick.
    if (!options.quick && !options.executable && options.rows.length === rows.length && !isWorse)
      writeRecord({
        date: new Date().toISOString(),
        command: ["npm run bench", ...(process.argv.length > 2 ? ["--"] : []), ...process.argv.slice(2)].join(" "),
        machine: await describeMachine(place),
        results,
      });
    return verdicts.every(({ verdict }) => verdict === "ok") ? 0 : 1;
  } finally {
    await place.close();
  }
}

function draw(): number {
  const record = readRecord();
  if (!record) throw new Error("Cannot draw: docs/benchmarks.json is absent; npm run bench makes it");
  writeRecord(record);
  return 0;
}

async function measureRows({ rows: chosen, quick, runs }: Options, place: Place): Promise<RowResult[]> {
  const results: RowResult[] = [];
  for (const row of chosen) {
    const count = quick ? row.quickRuns : Math.min(runs * (row.runsEach ?? 1), row.mostRuns);
    if (count === 0) continue;
    process.stdout.write(`${row.id}: ${count} runs …\n`);
    const result = await measureRow(row, place, count, !quick || count >= 10);
    for (const { ours, figure, against, theirs } of result.lines)
      process.stdout.write(figure === "ms" ? `  ${times(ours)}${theirs ? `, ${against} ${times(theirs)}` : ""}\n` : "");
    for (const [name, { median, highest }] of Object.entries(result.also))
      process.stdout.write(`  ${name}: ${median}, at most ${highest}\n`);
    results.push(result);
  }
  return results;
}

function judge(line: Line, { quick }: Options, record: BenchRecord | undefined): string {
  if (line.value > line.limit * (quick ? QUICK_SLACK : 1)) return "OVER";
  const better = recordedBetter(line, record);
  return better === undefined ? "ok" : `WORSE than the recorded ${better}`;
}

async function main(): Promise<number> {
  try {
    const options = parseOptions(process.argv.slice(2), rows);
    return options.draw ? draw() : await bench(options);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

if (import.meta.main) process.exit(await main());
