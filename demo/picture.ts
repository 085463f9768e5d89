import { writeFileSync } from "node:fs";
import { join } from "node:path";

const MOST_COLUMNS = 100;
const LINE = 18;
const COLUMN = 8.1;

/** Colours of what the demo prints, by how a line begins: commands, explanations, times. */
const STYLES: [RegExp, string][] = [
  [/^\$ /, 'fill="#f0f6fc" font-weight="600"'],
  [/^# | {2}\(\d+ ms\)$/, 'fill="#8b949e"'],
];

/** Draws what a run of the demo printed as a terminal. */
export function drawTerminal(output: string): string {
  const lines = output.trimEnd().split("\n").flatMap(drawnLines);
  const width = Math.ceil(MOST_COLUMNS * COLUMN) + 32;
  const height = lines.length * LINE + 62;
  const text = lines.map(({ part, style }, index) => {
    return `<text x="16" y="${56 + index * LINE}" ${style}>${escapeXml(part)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13.5" xml:space="preserve">
<title>npm run demo</title>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<circle cx="20" cy="18" r="6" fill="#ff5f57"/><circle cx="40" cy="18" r="6" fill="#febc2e"/><circle cx="60" cy="18" r="6" fill="#28c840"/>
<text x="80" y="23" fill="#8b949e">npm run demo</text>
${text.join("\n")}
</svg>
`;
}

/** A line that is too wide is folded, as a terminal does it. */
function drawnLines(line: string): { part: string; style: string }[] {
  const parts = line.match(new RegExp(`.{1,${MOST_COLUMNS}}`, "gu")) ?? [""];
  return parts.map((part) => ({ part, style: styleOf(line) }));
}

function styleOf(line: string): string {
  return STYLES.find(([beginning]) => beginning.test(line))?.[1] ?? 'fill="#7ee787"';
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Runs the demo and draws docs/demo.svg of what it printed; arguments are the demo's own. */
async function main(): Promise<number> {
  const demo = Bun.spawn([process.execPath, join(import.meta.dir, "demo.ts"), ...process.argv.slice(2)], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const output = await new Response(demo.stdout).text();
  const exit = await demo.exited;
  if (exit !== 0) return exit;
  writeFileSync(join(import.meta.dir, "../docs/demo.svg"), drawTerminal(output));
  return 0;
}

if (import.meta.main) process.exit(await main());
