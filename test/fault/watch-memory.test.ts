import { expect, test } from "bun:test";
import { watchMemory } from "./watch-memory.ts";

const MiB = 1024 * 1024;

async function peakOf(...command: string[]): Promise<number> {
  const child = Bun.spawn(command);
  const peak = watchMemory(child.pid);
  await child.exited;
  return peak() / MiB;
}

test("the memory of a process is its own, not that of the test which began it", async () => {
  const held = Buffer.alloc(300 * MiB, 1);
  const small = await peakOf("sleep", "0.2");
  expect(held.length).toBe(300 * MiB);
  expect(small).toBeGreaterThan(0.1);
  expect(small).toBeLessThan(30);
});

test("what a process has held counts, also when it has given it back", async () => {
  const program = `Buffer.alloc(${200 * MiB}, 1); Bun.gc(true); await Bun.sleep(200)`;
  expect(await peakOf(process.execPath, "-e", program)).toBeGreaterThan(200);
});
