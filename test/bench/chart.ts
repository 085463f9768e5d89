import type { Line } from "./measure.ts";
import type { BenchRecord } from "./record.ts";
import { times } from "./table.ts";

const WIDTH = 880;
const LEFT = 330;
const BARS = 330;
const ROW = 46;
const TOP = 62;

/** Draws docs/benchmarks.svg: of each comparison two bars, ours and theirs, each pair on a scale of its own. */
export function renderChart({ date, results }: BenchRecord): string {
  const lines = results.flatMap((result) => result.lines).filter(({ theirs }) => theirs !== undefined);
  const height = TOP + lines.length * ROW + 12;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="system-ui, sans-serif" font-size="13">
<title>Time of whole processes: gc-k8s beside others</title>
<rect width="${WIDTH}" height="${height}" rx="8" fill="#ffffff"/>
<text x="16" y="28" font-size="16" font-weight="600" fill="#1f2328">Time of whole processes, median / 95th percentile</text>
<text x="16" y="47" fill="#59636e">Measured on ${escapeXml(date.slice(0, 10))} by npm run bench. Shorter is faster; each pair has its own scale.</text>
${lines.map((line, index) => pair(line, TOP + index * ROW)).join("\n")}
</svg>
`;
}

function pair({ what, ours, theirs = ours, against = "" }: Line, y: number): string {
  const most = Math.max(ours.median, theirs.median);
  const bar = (median: number) => Math.max(2, Math.round((median / most) * BARS));
  return [
    `<text x="${LEFT - 12}" y="${y + 17}" text-anchor="end" fill="#1f2328">${escapeXml(plain(what))}</text>`,
    `<text x="${LEFT - 12}" y="${y + 34}" text-anchor="end" fill="#59636e">${escapeXml(against)}</text>`,
    `<rect x="${LEFT}" y="${y + 6}" width="${bar(ours.median)}" height="14" rx="2" fill="#1a7f37"/>`,
    `<rect x="${LEFT}" y="${y + 23}" width="${bar(theirs.median)}" height="14" rx="2" fill="#afb8c1"/>`,
    `<text x="${LEFT + bar(ours.median) + 8}" y="${y + 17}" fill="#1f2328">${escapeXml(times(ours))}</text>`,
    `<text x="${LEFT + bar(theirs.median) + 8}" y="${y + 34}" fill="#59636e">${escapeXml(times(theirs))}</text>`,
  ].join("\n");
}

function plain(markdown: string): string {
  return markdown.replaceAll("`", "");
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
