/** What a check waited for did not come: it has failed, as by an `expect`. */
export class NeverTrue extends Error {}

/** Resolves when `holds` is true; throws after `limitMs` milliseconds. */
export async function until(holds: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new NeverTrue(`Cannot wait longer: ${holds} is still false after ${limitMs} ms`);
    await Bun.sleep(100);
  }
}
