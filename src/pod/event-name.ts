/** Largest number that a name has room for. */
export const LAST_SEQ = 9_999_999_999;

/** Name of the ConfigMap that holds event `seq`. It is taken by one writer only, and newer events sort first. */
export function eventName(city: string, seq: number): string {
  return `gc-event-${city}-${String(LAST_SEQ - seq).padStart(10, "0")}`;
}

/** Number of the city's event that a ConfigMap of this name holds; undefined when it is none of the city's. */
export function seqOf(name: string, city: string): number | undefined {
  const prefix = `gc-event-${city}-`;
  const digits = name.startsWith(prefix) ? name.slice(prefix.length) : "";
  return /^\d{10}$/.test(digits) ? LAST_SEQ - Number(digits) : undefined;
}

/** Number of the event in upstream's layout; undefined for any other name. */
export function upstreamSeqOf(name: string): number | undefined {
  const [, digits] = /^gc-evt-(\d{10,})$/.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
