/** One member of a JSON object as its text has it: numbers keep all their digits and keys their order. */
export interface Member {
  key: string;
  /** Text of the value. */
  value: string;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);

/** Members of an object. `text` must be the JSON of an object, without white space between its parts. */
export function members(text: string): Member[] {
  const found: Member[] = [];
  let depth = 0;
  let begin = 1;
  let colon = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (OPENING.has(code)) depth++;
    else if (CLOSING.has(code)) depth--;
    else if (code === COLON && depth === 1 && colon === 0) colon = at;
    const isEnd = (code === COMMA && depth === 1) || depth === 0;
    if (!isEnd || colon === 0) continue;
    found.push({ key: JSON.parse(text.slice(begin, colon)) as string, value: text.slice(colon + 1, at) });
    begin = at + 1;
    colon = 0;
  }
  return found;
}

/** Text of an object with these members. */
export function objectText(parts: Member[]): string {
  return `{${parts.map(({ key, value }) => `${JSON.stringify(key)}:${value}`).join(",")}}`;
}

/** The same JSON on one line, without white space between its parts. */
export function compact(text: string): string {
  let kept = "";
  let begin = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code <= 0x20) {
      kept += text.slice(begin, at);
      begin = at + 1;
    }
  }
  return kept + text.slice(begin);
}

/** Index of the quote that ends the string which begins at `begin`. */
function endOfString(text: string, begin: number): number {
  let at = begin + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
