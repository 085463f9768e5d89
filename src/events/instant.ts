const RFC3339 = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;

/** Nanoseconds since the epoch of an RFC 3339 time, whatever its zone and fraction; undefined when it is none. */
export function instant(text: string): bigint | undefined {
  const [, date, time, fraction = "", zone] = RFC3339.exec(text) ?? [];
  // Days and hours that do not exist would roll over into others, and gc refuses them.
  if (!date || !isReal(`${date}T${time}`)) return undefined;
  const ms = Date.parse(`${date}T${time}${zone}`);
  if (Number.isNaN(ms)) return undefined;
  return BigInt(ms) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
}

/** gc writes the year 1 where it means "no time". */
export function isUnset(time: bigint): boolean {
  return time === instant("0001-01-01T00:00:00Z");
}

function isReal(dateAndTime: string): boolean {
  const ms = Date.parse(`${dateAndTime}Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(dateAndTime);
}
