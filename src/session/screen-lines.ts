/** gc reads lines of at most 64 KiB. */
const LONGEST_LINE = 60 * 1024;
/** A screen that does not end is none; what has come so far is dropped. */
const LONGEST_SCREEN = 4 * 1024 * 1024;

/** Makes lines of JSON, `{"content":"<screen>"}`, of screens that arrive in pieces, each ended by NUL. */
export class ScreenLines {
  #rest = Buffer.alloc(0);

  /** The lines, each with its newline, of the screens that are complete now. */
  push(data: Uint8Array): string[] {
    const parts = splitAtNul(Buffer.concat([this.#rest, data]));
    this.#rest = Buffer.from(parts.pop() ?? "");
    if (this.#rest.length > LONGEST_SCREEN) this.#rest = Buffer.alloc(0);
    return parts.map((screen) => `${line(screen.toString("utf8"))}\n`);
  }
}

function splitAtNul(data: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  for (let end = data.indexOf(0); end >= 0; end = data.indexOf(0, from)) {
    parts.push(data.subarray(from, end));
    from = end + 1;
  }
  return [...parts, data.subarray(from)];
}

/** A dialog stands at the bottom of a screen, so of one that is too long the upper rows go. */
function line(screen: string): string {
  const rows = screen.split("\n");
  for (;;) {
    const json = jsonOf(rows.join("\n"));
    if (Buffer.byteLength(json) <= LONGEST_LINE) return json;
    if (rows.length === 1) return jsonOf((rows[0] ?? "").slice(0, LONGEST_LINE / 8));
    rows.splice(0, Math.ceil(rows.length / 8));
  }
}

/** JSON may hold DEL and the controls of C1 as they are, which a terminal obeys. */
function jsonOf(content: string): string {
  const escaped = (control: string) => `\\u00${control.charCodeAt(0).toString(16)}`;
  return JSON.stringify({ content }).replace(/[\x7f-\x9f]/g, escaped);
}
