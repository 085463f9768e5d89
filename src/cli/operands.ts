import type { Option } from "commander";

/** True when the word is the option by its short or long name. */
export function isCalled({ short, long }: Option, word: string | undefined): boolean {
  return word !== undefined && (word === short || word === long);
}

/** True when the word is an option whose value is the next word. */
export function takesValue(options: Option[], word: string | undefined): boolean {
  return options.some((option) => option.required && isCalled(option, word));
}

/** Index of the first word from `from` on that is neither an option nor the value of one; the length when there is none. */
export function operandAt(options: Option[], words: string[], from: number): number {
  let at = from;
  while (words[at]?.startsWith("-") && words[at] !== "--") at += takesValue(options, words[at]) ? 2 : 1;
  return Math.min(at, words.length);
}

/** The same words with `--` before the text of `command SESSION TEXT…`: what looks like an option in it is text. */
export function textApart(command: string, options: Option[], words: string[]): string[] {
  const name = operandAt(options, words, 0);
  const session = operandAt(options, words, name + 1);
  const text = operandAt(options, words, session + 1);
  if (words[name] !== command || words[session] === "--" || words[text] === "--") return words;
  return [...words.slice(0, text), "--", ...words.slice(text)];
}
