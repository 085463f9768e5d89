import { UsageError } from "../provider/errors.ts";

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of an age such as `90m`, `24h` or `7d`. Throws `UsageError` naming what it was for. */
export function ageMs(text: string, what: string): number {
  const [, digits, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (digits === undefined || unitMs === undefined)
    throw new UsageError(`Cannot use ${what} "${text}": it must be a number with s, m, h or d, such as 24h`);
  return Number(digits) * unitMs;
}

/** The whole number that `text` is. Throws `UsageError` naming what it was for. */
export function wholeNumber(text: string, what: string): number {
  if (!/^\d{1,20}$/.test(text)) throw new UsageError(`Cannot use ${what} "${text}": it must be a whole number`);
  return Number(text);
}
