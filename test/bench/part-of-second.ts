/** Multiples of the golden ratio, modulo 1, spread evenly however many there are. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/** The kubelet looks at its containers once a second, which is as long as a start takes, and what follows another
 * operation at once always meets the same part of that second. So the rounds begin at parts of the second that are
 * spread evenly, and both sides of a round at the same part: luck is shared. */
export async function untilPartOfSecond(round: number): Promise<void> {
  const partMs = ((round * GOLDEN_RATIO) % 1) * 1000;
  await Bun.sleep((partMs - (Date.now() % 1000) + 1000) % 1000);
}
