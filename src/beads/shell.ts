import { UsageError } from "../provider/errors.ts";

/** One word of a shell command, whatever is in it. */
export function shellWord(text: string): string {
  if (text.includes("\0")) throw new UsageError("Cannot pass a NUL byte to bd");
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A shell command of these words. */
export function shellWords(words: string[]): string {
  return words.map(shellWord).join(" ");
}

/** One field of bd's comma-separated lists. */
export function csvField(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** The flag for a description; the text that is a single dash would be "read stdin" to bd, so it comes from a file. */
export function descriptionFlag(text: string): string {
  return text === "-" ? "--body-file=../../dash" : `--description=${text}`;
}
