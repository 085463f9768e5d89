import { markdownTable } from "../support/markdown-table.ts";
import type { RowResult } from "./measure.ts";
import type { BenchRecord } from "./record.ts";
import { cells, HEADS, times } from "./table.ts";
import { rangeText, type UpstreamFigure, upstreamFigures } from "./upstream-figures.ts";

/** Renders docs/benchmarks.md: what was measured, how, and where. */
export function renderPage({ date, command, machine, results }: BenchRecord): string {
  const lines = results.flatMap((result) => result.lines);
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const also = results.flatMap(({ what, also: figures }) =>
    Object.entries(figures).map(([name, { median, highest }]) => [what, name, `${median}`, `${highest}`]),
  );
  return `# Benchmarks

\`${command}\` measures and writes this page; [benchmarks.json](benchmarks.json) holds the same figures for programs.
It fails when a limit is exceeded, and when a ratio or a size is worse than the recorded one divided by 0.7.

Measured on ${date.slice(0, 10)} with ${machine.cpus} CPUs (${machine.cpu}), ${Math.round(machine.memoryMB / 1000)} GB, ${machine.system};
${versions.join(", ")}. The cluster runs on the same machine, so compare ratios, not times.

${markdownTable(
  HEADS,
  lines.map((line) => cells(line, line.value <= line.limit ? "ok" : "OVER")),
)}
Times are median / 95th percentile of whole processes, from their start to their end. The ratio is that of the medians.
Operations of milliseconds get four runs for each that \`--runs\` asks for.
The runs of the sides alternate, and another side begins each round. Every process opens a connection of its own with
the same client certificate; no answer is kept between processes and nothing of ours stays resident. A run whose exit
code or output is not the expected one ends the benchmark.

- *curl* sends the same GET (for the list: with the same \`Accept\`) and throws the body away.
- *minimal exec* is \`test/bench/minimal-exec.ts\`: it execs \`true\` and ends at the Status frame. *empty program* is an
  empty file. Both are compiled with the flags of the release.
- *kubectl exec* runs the same \`tmux capture-pane\`. kubectl is the local cluster's, unless \`KUBECTL\` names another.
- *bare pod* is a POST of a pod of the same image that runs \`sleep\`, until a watch shows it running, without any
  process of ours; like every pod that says nothing else it mounts its account's token. The kubelet looks at its containers once a second, so the
  rounds begin at parts of the second that are spread evenly, both sides of a round at the same part.
- *tar | kubectl exec* copies into a pod that runs already; ours makes the pod as well.
- Memory is the peak of the resident set as the kernel reports it, the highest of all runs.

## Beside upstream
${markdownTable(["what", "ours", "upstream's script", "upstream's Go code, in gc"], upstreamRows(results))}
Upstream's programs are no part of this repository, so no run measures them again: these figures were taken once, beside the first
trials of ours, on Kubernetes 1.34.4 with 2 CPUs, where a GET by curl took 15 to 17 ms (today's stands in the table above). A script is a process for each
operation, as ours is; the Go code runs inside gc and starts none. Its start waits for 3 s of its own accord; its stop returns at once, while the pod lives on.
Of the script's way \`kubectl per call\` is measured in each run: \`test/bench/kubectl-provider.sh\` answers as it does.

## Parts of the figures

${markdownTable(["of", "figure", "median", "highest"], also)}`;
}

function upstreamRows(results: RowResult[]): string[][] {
  return results.flatMap(({ lines: [line] }) => {
    const figures = upstreamFigures[line?.row ?? ""];
    if (!line || !figures) return [];
    const said = (by: UpstreamFigure["by"]) => {
      const figure = figures.find((each) => each.by === by);
      return figure ? rangeText(figure) : "–";
    };
    return [[line.what, times(line.ours), said("upstream's script"), said("upstream's Go code, in gc")]];
  });
}
