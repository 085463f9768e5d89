/** Units from the largest, in seconds. */
const UNITS: [string, number][] = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
];

/** An age in its two largest units, such as `3d4h` or `42s`; the second one goes where it says little. */
export function ageText(seconds: number): string {
  const index = UNITS.findIndex(([, size]) => seconds >= size);
  const [unit, size] = UNITS[index] ?? ["s", 1];
  const count = Math.floor(seconds / size);
  const next = UNITS[index + 1];
  const rest = next ? Math.floor((seconds - count * size) / next[1]) : 0;
  return next && rest > 0 && count < 10 ? `${count}${unit}${rest}${next[0]}` : `${count}${unit}`;
}

/** Seconds of an age such as `90m`, `24h` or `7d`; undefined for anything else. */
export function ageSeconds(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const size = UNITS.find(([name]) => name === unit)?.[1];
  return size === undefined ? undefined : Number(count) * size;
}
