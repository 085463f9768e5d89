/** One act of a client: it waits, then starts or stops the session, and may be killed while it does. */
export interface Act {
  pauseMs: number;
  op: "start" | "stop";
  killedAfterMs?: number;
}

/** What several clients do to one session at once. */
export type Schedule = Act[][];

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A schedule in which every client acts two or three times, and one act of six is cut short by SIGKILL; pauses cover
 * the length of a start. */
export function randomSchedule(random: () => number, clients: number): Schedule {
  const act = (): Act => ({
    pauseMs: Math.floor(random() * 1_500),
    op: random() < 0.55 ? "start" : "stop",
    ...(random() < 1 / 6 && { killedAfterMs: Math.floor(random() * 1_200) }),
  });
  return Array.from({ length: clients }, () => Array.from({ length: 2 + Math.floor(random() * 2) }, act));
}
