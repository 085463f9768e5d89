/** What Go's `unicode.IsSpace` takes for a blank. JavaScript's own idea of it differs in U+0085 and U+FEFF. */
const BLANKS = "[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const ENDS = new RegExp(`^${BLANKS}|${BLANKS}$`, "g");

/** The text as bd keeps it where it takes blanks off both ends. */
export function goTrim(text: string): string {
  return text.replace(ENDS, "");
}
