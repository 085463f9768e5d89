import { type Member, members, objectText } from "./json-text.ts";

/** gc reads lines of less than 64 KiB, the line break included; a longer one ends its watch, again after each resume. */
const MOST_BYTES = 64 * 1024 - 2;
const SHORT_TEXT = 1_000;
/** What a reader orders and resumes by is never cut. */
const WHOLE = new Set(["seq", "ts"]);
/** The one list that gc has a type for, so that no mark fits in; absent means "unknown" there. */
const STEPS = "depends_on_step_ids";

/** The event as one line of `watch`. One that is too long loses its longest members: a text is shortened, and
 * anything else, such as the payload, becomes `{"truncated":true,"bytes":N}`. */
export function eventLine(text: string): string {
  if (Buffer.byteLength(text) <= MOST_BYTES) return `${text}\n`;
  let parts = members(text);
  for (;;) {
    const line = objectText(parts);
    const longest = longestMember(parts);
    if (Buffer.byteLength(line) <= MOST_BYTES || !longest) return `${line}\n`;
    const short = shortened(longest);
    parts = parts.flatMap((part) => (part !== longest ? [part] : short));
  }
}

function longestMember(parts: Member[]): Member | undefined {
  const cuttable = parts.filter(({ key }) => !WHOLE.has(key));
  return cuttable.reduce<Member | undefined>(
    (longest, part) => (size(part) > (longest ? size(longest) : 0) ? part : longest),
    undefined,
  );
}

/** What is left of a member; nothing of one that is a remnant already, or whose key alone is long. */
function shortened({ key, value }: Member): Member[] {
  if (value.length <= 7 * SHORT_TEXT || key === STEPS) return [];
  if (!value.startsWith('"'))
    return [{ key, value: JSON.stringify({ truncated: true, bytes: Buffer.byteLength(value) }) }];
  const text = (JSON.parse(value) as string).slice(0, SHORT_TEXT).toWellFormed();
  return [{ key, value: JSON.stringify(`${text}… (truncated)`) }];
}

function size({ key, value }: Member): number {
  return key.length + value.length;
}
