/** Columns as kubectl prints them: three blanks between, none at the end of a line. `paint` may colour a cell of a row. */
export function textTable(
  head: string[],
  rows: string[][],
  paint: (cell: string, column: number) => string = (cell) => cell,
): string {
  const lines = [head, ...rows.map((cells) => cells.map((cell, column) => paint(printable(cell), column)))];
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => Bun.stringWidth(cells[column] ?? ""))));
  const text = lines.map((cells) =>
    cells
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join("   ")
      .trimEnd(),
  );
  return `${text.join("\n")}\n`;
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - Bun.stringWidth(cell)));
}

/** A value must neither move the cursor of the terminal that shows it nor turn the direction of its line. */
function printable(cell: string): string {
  return cell.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, (character) => {
    // JSON's short forms where there are any; it leaves the controls above 0x7f as they are.
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}` : escaped;
  });
}
