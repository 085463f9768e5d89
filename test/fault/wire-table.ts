import type { Fault } from "./wire-judge.ts";
import type { Verdict } from "./wire-runs.ts";

const FAULT_NAMES: Fault[] = ["false success", "exit 2", "hang", "stack trace", "noise", "phrase", "failure"];

/** Executables side by side: of each operation how many runs were honest, how many of these succeeded, and what was wrong. */
export function comparisonTable(subjects: { name: string; verdicts: Verdict[] }[]): string {
  const operations = [...new Set(subjects.flatMap(({ verdicts }) => verdicts.map(({ run }) => run.operation.op)))];
  const lines = [["operation", ...subjects.map(({ name }) => name)]];
  for (const op of operations)
    lines.push([op, ...subjects.map(({ verdicts }) => cell(verdicts.filter(({ run }) => run.operation.op === op)))]);
  lines.push(["all", ...subjects.map(({ verdicts }) => cell(verdicts))]);
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join("  |  ")
        .trimEnd(),
    )
    .join("\n");
}

function cell(verdicts: Verdict[]): string {
  if (verdicts.length === 0) return "not implemented";
  const succeeded = verdicts.filter(({ answer }) => answer.exit === 0).length;
  const honest = verdicts.filter(({ offences }) => offences.length === 0).length;
  const counts = FAULT_NAMES.map((name) => ({
    name,
    count: verdicts.filter(({ offences }) => offences.some(({ fault }) => fault === name)).length,
  }));
  const wrong = counts.filter(({ count }) => count > 0).map(({ name, count }) => `${count} × ${name}`);
  const longest = Math.max(...verdicts.map(({ answer }) => answer.ms)) / 1000;
  const figures = `${honest}/${verdicts.length} honest, ${succeeded} succeeded, longest ${longest.toFixed(1)} s`;
  return [figures, ...wrong].join(", ");
}
