/**
 * Asks again, soon, until there is an answer other than undefined. An error of `ask` ends it, and so
 * does the time limit, with an error that names what is awaited, as `describe` tells it then.
 */
export async function until<T>(
  describe: () => string,
  timeoutMs: number,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end)
      throw new Error(`Cannot wait longer for ${describe()}: not there after ${timeoutMs / 1000} s`);
    await Bun.sleep(100);
  }
}
