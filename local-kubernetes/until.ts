/** Asks again, soon, until there is an answer other than undefined; an error of `ask` ends it, and so does the time limit. */
export async function until<T>(what: string, timeoutMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`Cannot wait longer for ${what}: not there after ${timeoutMs / 1000} s`);
    await Bun.sleep(50);
  }
}
