import type { Gc } from "./rules.ts";

/** A call whose output is read while it runs, and that can be killed. */
export interface Stream {
  /** The next line that it prints; undefined at its end. */
  line(): Promise<string | undefined>;
  /** Kills it as gc does: no handler runs. */
  kill(): Promise<void>;
}

/** Begins an operation without waiting for its end. */
export function stream(gc: Gc, op: string, args: string[], env: Record<string, string> = {}): Stream {
  const child = Bun.spawn(["sh", "-c", `exec ${gc.commandLine(op, args, env)}`], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  let text = "";
  return {
    async line() {
      for (;;) {
        const end = text.indexOf("\n");
        if (end >= 0) {
          const found = text.slice(0, end);
          text = text.slice(end + 1);
          return found;
        }
        const { done, value } = await reader.read();
        if (done) return undefined;
        text += decoder.decode(value, { stream: true });
      }
    },
    async kill() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}
