import type { RowResult } from "./measure.ts";
import type { BenchRecord } from "./record.ts";
import { times } from "./table.ts";
import { rangeText, upstreamFigures } from "./upstream-figures.ts";

const WIDTH = 880;
const LEFT = 210;
const BARS = 440;
const BAR = 21;
const GROUP = 38;
const TOP = 78;

const COLOURS = { ours: "#1a7f37", measured: "#afb8c1", upstream: "#bf8700" };

/** One bar; its length is the median, or the middle of what was once measured. */
interface Bar {
  label: string;
  ms: number;
  text: string;
  colour: string;
}

/** Draws docs/benchmarks.svg: what gc calls, beside others who do all of it, each group on a scale of its own. */
export function renderChart({ date, results }: BenchRecord): string {
  const groups = results.filter(isDrawn).map((result) => ({ what: result.lines[0]?.what ?? "", bars: barsOf(result) }));
  let y = TOP;
  const parts = groups.map(({ what, bars }) => {
    const part = group(plain(what), bars, y);
    y += GROUP + bars.length * BAR;
    return part;
  });
  const text = (x: number, at: number, line: string, more = "") =>
    `<text x="${x}" y="${at}" fill="#59636e"${more}>${escapeXml(line)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" role="img" font-family="system-ui, sans-serif" font-size="13">
<title>Time of whole processes: gc-k8s beside others</title>
<rect width="${WIDTH}" height="${y}" rx="8" fill="#ffffff"/>
<text x="16" y="28" font-size="16" font-weight="600" fill="#1f2328">Time of one operation, median / 95th percentile: shorter is faster</text>
${text(16, 47, `Green and grey: measured on ${date.slice(0, 10)} by npm run bench, in turns. Each group has its own scale.`)}
${text(16, 64, "Amber: upstream's, measured once on such a machine, see docs/benchmarks.md.")}
${parts.join("\n")}
</svg>
`;
}

/** Who does all that the operation does: upstream, or kubectl by hand. The rest stands in the page. */
function isDrawn({ lines }: RowResult): boolean {
  return lines.some(
    ({ row, figure, against }) => figure === "ms" && (row in upstreamFigures || /kubectl/.test(against ?? "")),
  );
}

function barsOf({ lines }: RowResult): Bar[] {
  const measured = lines.filter(({ figure }) => figure === "ms");
  const [first] = measured;
  if (!first) return [];
  const ours = { label: "gc-k8s", ms: first.ours.median, text: times(first.ours), colour: COLOURS.ours };
  const theirs = measured.flatMap(({ against, theirs: summary }) =>
    against && summary ? [{ label: against, ms: summary.median, text: times(summary), colour: COLOURS.measured }] : [],
  );
  const upstream = (upstreamFigures[first.row] ?? []).map((figure) => ({
    label: figure.by,
    ms: (figure.fromMs + figure.toMs) / 2,
    text: rangeText(figure),
    colour: COLOURS.upstream,
  }));
  return [ours, ...theirs, ...upstream];
}

function group(what: string, bars: Bar[], y: number): string {
  const most = Math.max(...bars.map(({ ms }) => ms));
  const head = `<text x="16" y="${y + 18}" font-weight="600" fill="#1f2328">${escapeXml(what)}</text>`;
  const drawn = bars.map(({ label, ms, text, colour }, index) => {
    const top = y + 26 + index * BAR;
    const length = Math.max(2, Math.round((ms / most) * BARS));
    return [
      `<text x="${LEFT - 12}" y="${top + 12}" text-anchor="end" fill="#59636e">${escapeXml(label)}</text>`,
      `<rect x="${LEFT}" y="${top}" width="${length}" height="15" rx="2" fill="${colour}"/>`,
      `<text x="${LEFT + length + 8}" y="${top + 12}" fill="#1f2328">${escapeXml(text)}</text>`,
    ].join("\n");
  });
  return [head, ...drawn].join("\n");
}

function plain(markdown: string): string {
  return markdown.replaceAll("`", "");
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
