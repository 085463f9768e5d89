import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const src = join(import.meta.dir, "../../src");

/** Classes whose first argument is the text that a person reads. */
const THROWN = /new (?:OperationError|UsageError|FactError|UnknownOperationError|KubeconfigError)\(\s*(?=["'`])/g;

/** Every error text that the code holds, with `…` for what is filled in. A text that is made elsewhere is read where it is made. */
export function errorTexts(): string[] {
  const files = readdirSync(src, { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  return [...new Set(sources.flatMap((file) => textsIn(readFileSync(join(src, file), "utf8"))))].sort();
}

/** The texts in one file's source. */
export function textsIn(source: string): string[] {
  return [...source.matchAll(THROWN)].map(({ 0: call, index }) => literalAt(source, index + call.length));
}

/** The string or template that begins here, its placeholders as `…`. */
function literalAt(source: string, start: number): string {
  const quote = source[start];
  let text = "";
  for (let at = start + 1; at < source.length && source[at] !== quote; at++) {
    if (source[at] === "\\") text += source[++at];
    else if (quote === "`" && source.startsWith("${", at)) {
      at = endOfPlaceholder(source, at + 2);
      text += "…";
    } else text += source[at];
  }
  return text;
}

/** Index of the brace that ends a placeholder; it may hold braces and templates of its own. */
function endOfPlaceholder(source: string, from: number): number {
  let depth = 1;
  for (let at = from; at < source.length; at++) {
    if (source[at] === "{") depth++;
    if (source[at] === "}" && --depth === 0) return at;
  }
  return source.length;
}
