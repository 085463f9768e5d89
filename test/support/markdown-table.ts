/** A table of Markdown, each line with its newline; a `|` in a cell stays a character. */
export function markdownTable(heads: string[], rows: string[][]): string {
  const escapePipes = (cell: string) => cell.replaceAll("|", "\\|");
  const all = [heads, heads.map(() => "---"), ...rows.map((row) => row.map(escapePipes))];
  return all.map((row) => `| ${row.join(" | ")} |\n`).join("");
}
