import type { GcProcess } from "./gc-process.ts";

/** Screens of a session as `watch-startup` prints them. */
export interface StartupWatch {
  /** The next screen; undefined when none comes within the time, or the watch has ended. */
  next(limitMs: number): Promise<string | undefined>;
  /** Kills the watch, as gc does when it has seen enough; throws when it failed before its first line. */
  end(): Promise<void>;
}

const LOOK_EVERY_MS = 10;

/** Begins to watch a session's screen. */
export function watchStartup(gc: GcProcess, session: string): StartupWatch {
  const call = gc.begin("watch-startup", [session]);
  let text = "";
  let lines = 0;
  let isOver = false;
  call.onStdout((data) => {
    text += data.toString();
  });
  const done = call.done.finally(() => {
    isOver = true;
  });
  return {
    async next(limitMs) {
      const end = performance.now() + limitMs;
      while (!text.includes("\n") && !isOver && performance.now() < end) await Bun.sleep(LOOK_EVERY_MS);
      if (!text.includes("\n")) return undefined;
      const line = text.slice(0, text.indexOf("\n"));
      text = text.slice(line.length + 1);
      lines++;
      return contentOf(line);
    },
    async end() {
      call.signal("SIGKILL");
      const { exit, stderr } = await done;
      if (lines === 0 && exit !== undefined && exit !== 0 && exit !== 2)
        throw new Error(`startup watcher: ${stderr.trim()}`);
    },
  };
}

function contentOf(line: string): string {
  try {
    return (JSON.parse(line) as { content: string }).content;
  } catch (error) {
    throw new Error(`startup watcher decode: ${line.slice(0, 200)}`, { cause: error });
  }
}
