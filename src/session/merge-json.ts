type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Settings files of agents' tools that several overlays add to: they are merged where others are replaced. */
const MERGED_FILES = new Set([
  ".agents/hooks.json",
  ".claude/settings.json",
  ".gemini/settings.json",
  ".codex/hooks.json",
  ".cursor/hooks.json",
  ".github/hooks/gascity.json",
]);

/** Whether the file at this path below a work directory is merged. */
export function isMergedFile(path: string): boolean {
  return MERGED_FILES.has(path);
}

/** Puts `over` on top of `base`, both texts of JSON: objects merge, hook entries are known by matcher or command,
 * anything else is replaced. Throws `SyntaxError` when one of them is no JSON. */
export function mergeJson(base: string, over: string): string {
  return `${JSON.stringify(merge(JSON.parse(base), JSON.parse(over)), undefined, 2)}\n`;
}

function merge(base: Json, over: Json): Json {
  if (Array.isArray(base) && Array.isArray(over)) return mergeEntries(base, over);
  if (!isObject(base) || !isObject(over)) return over;
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = Object.hasOwn(base, key) ? base[key] : undefined;
    merged[key] = before === undefined ? value : merge(before, value);
  }
  return merged;
}

/** Entries of the same key become one; entries without a key are kept once. */
function mergeEntries(base: Json[], over: Json[]): Json[] {
  const merged = [...base];
  for (const entry of over) {
    const index = merged.findIndex((each) => keyOf(each) === keyOf(entry));
    const before = merged[index];
    if (before === undefined) merged.push(entry);
    else merged[index] = merge(before, entry);
  }
  return merged;
}

function keyOf(entry: Json): string {
  if (!isObject(entry)) return JSON.stringify(entry);
  const key = entry["matcher"] ?? entry["command"];
  if (key !== undefined) return JSON.stringify(key);
  // Entries for every tool carry no matcher.
  return Array.isArray(entry["hooks"]) ? "no matcher" : JSON.stringify(entry);
}

function isObject(value: Json): value is { [key: string]: Json } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
