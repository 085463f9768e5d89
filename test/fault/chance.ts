import { randomFrom } from "../races/schedule.ts";

/** What the run is made from; `FAULT_SEED` repeats a run that printed it. */
export const FAULT_SEED = Number(process.env["FAULT_SEED"] ?? Date.now() % 1_000_000);

/** `full` is what `npm run test:fault` runs; `npm test` runs each suite reduced, from seeds that do not change. */
const isFull = process.env["FAULT_SIZE"] === "full";

/** Runs of a suite: the first number in full, the second reduced. */
export function runsOf(full: number, reduced: number): number {
  return isFull ? full : reduced;
}

/** A source of choices that depend on its seed alone. */
export interface Chance {
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number;
  /** A whole number from `low` to `high`, small ones as likely as large ones. */
  between(low: number, high: number): number;
  pick<T>(values: readonly [T, ...T[]]): T;
  bytes(length: number): Buffer;
}

/** Choices of one seed; `part` keeps the suites, and the runs of a suite, apart. */
export function chanceOf(part: string, seed = FAULT_SEED): Chance {
  const random = randomFrom(Number(Bun.hash.crc32(`${seed}/${part}`)));
  const below = (most: number) => Math.floor(random() * most);
  return {
    below,
    between: (low, high) => Math.floor(Math.exp(Math.log(low + 1) + random() * Math.log((high + 1) / (low + 1))) - 1),
    pick: (values) => values[below(values.length)] ?? values[0],
    bytes(length) {
      const bytes = Buffer.allocUnsafe(length);
      let word = below(2 ** 32) | 1;
      for (let at = 0; at < length; at++) {
        // xorshift32: a draw for each byte of 64 MiB would take minutes.
        word ^= word << 13;
        word ^= word >>> 17;
        word ^= word << 5;
        bytes[at] = word;
      }
      return bytes;
    },
  };
}

/** Does the work of each row, so many at a time; resolves with what it made of them, in their order. */
export async function inParallel<T, R>(rows: readonly T[], atOnce: number, work: (row: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = [...rows.entries()];
  const workSome = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: atOnce }, workSome));
  return results;
}
