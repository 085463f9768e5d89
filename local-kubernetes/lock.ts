import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "./layout.ts";

/**
 * Runs `work` while holding the lock of this name against every other process of the
 * machine. The kernel drops the lock when this process ends in any way: the lock's
 * holder is a child that reads a pipe from us and ends with it.
 */
export async function withLock<T>(name: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  const directory = join(cacheDirectory(), "locks");
  mkdirSync(directory, { recursive: true });
  const holder = Bun.spawn(["flock", "--exclusive", join(directory, name), "sh", "-c", "echo locked; exec cat"], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
    detached: true, // an interrupt at the terminal must not free the lock before we ended
  });
  const waiting = setTimeout(onWait, 500);
  const first = await holder.stdout.getReader().read();
  clearTimeout(waiting);
  if (first.done) throw new Error(`Cannot lock "${join(directory, name)}": flock ended with ${await holder.exited}`);
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await holder.exited;
  }
}
