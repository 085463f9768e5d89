import type { Chance } from "./chance.ts";

/** Beginnings and ends that lose bytes, or press keys, on other ways into a terminal. */
const EDGES = [
  "",
  ..."!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
  ..." \t\n\r\b\x03\x04\x07\x1a\x1b\x7f",
  ..."é日🏙",
  "\r\n",
  "\n\n\n",
  "Enter",
  "C-c",
  "Space",
  "-l",
  "--help",
  "\\;",
  "$(id)",
  "#{pane_id}",
  "#(id)",
  "%s%n",
  "\x1b[200~",
  "\x1b[A",
  "\x1bP",
  "\x90",
  "\u202e",
];

const PASTE_END = "\x1b[201~";

/** A text of any bytes but those that `nudge` refuses: mostly short, at most `longest` bytes. */
export function nudgeText(chance: Chance, longest: number): Buffer {
  const edge = () => Buffer.from(EDGES[chance.below(EDGES.length)] ?? "", "utf8");
  const parts = [edge(), middle(chance, chance.between(1, longest)), edge()];
  const text = Buffer.concat(parts);
  for (let at = text.indexOf(PASTE_END); at >= 0; at = text.indexOf(PASTE_END)) text[at] = 0x20;
  return text.subarray(0, longest);
}

/** Words, lines, or bytes that are no text in any encoding. */
function middle(chance: Chance, length: number): Buffer {
  const kind = chance.below(3);
  if (kind === 0) return Buffer.alloc(length, "one word; ");
  if (kind === 1) return Buffer.alloc(length, "é 日本\n\tline\r\n", "utf8");
  return chance.bytes(length).map((byte) => (byte === 0 ? 1 : byte)) as Buffer;
}
