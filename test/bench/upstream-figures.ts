/** How long upstream's own takes for what a row measures: a whole process of its script, or its Go code inside gc. */
export interface UpstreamFigure {
  by: "upstream's script" | "upstream's Go code, in gc";
  fromMs: number;
  toMs: number;
}

const script = (fromMs: number, toMs = fromMs): UpstreamFigure => ({ by: "upstream's script", fromMs, toMs });
const inGc = (fromMs: number, toMs = fromMs): UpstreamFigure => ({ by: "upstream's Go code, in gc", fromMs, toMs });

/** By row. Upstream's programs are no part of this repository, so that no run can measure them again: these figures were
 * taken once, beside the first trials of ours, on Kubernetes 1.34.4 with 2 CPUs, where a GET by curl took 15 to 17 ms. */
export const upstreamFigures: Record<string, UpstreamFigure[]> = {
  "is-running": [script(207, 305), inGc(61, 71)],
  peek: [script(250, 410), inGc(61)],
  "list-running": [script(66), inGc(3)],
  // Its own pause of 3 s is part of the Go code's start.
  start: [script(2_400, 3_000), inGc(5_400)],
  // Its stop and its start, one after the other.
  restart: [script(8_300, 9_500)],
};

/** The figure as people read it. */
export function rangeText({ fromMs, toMs }: UpstreamFigure): string {
  const unit = toMs < 1_000 ? "ms" : "s";
  const [from, to] = [fromMs, toMs].map((ms) => (unit === "ms" ? `${ms}` : (ms / 1_000).toFixed(1)));
  return from === to ? `${from} ${unit}` : `${from} to ${to} ${unit}`;
}
