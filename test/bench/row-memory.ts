import { join } from "node:path";
import type { Place } from "./place.ts";
import type { Contest, Reading } from "./row.ts";
import { must } from "./run-process.ts";
import { startSession, stopSession } from "./session.ts";
import { readWeight, weighing } from "./weigh.ts";

/** One call whose memory is measured; `prints` is what its stdout must hold. */
interface Call {
  name: string;
  words: string[];
  stdin?: string;
  prints?: string;
}

const SESSION = "weighed";
const SCREEN_LINES = 10_000;
/** Fills the scrollback and then reads whatever is typed. */
const READER = `i=0; while [ $i -lt ${SCREEN_LINES} ]; do echo "line $i ${"x".repeat(60)}"; i=$((i+1)); done; stty raw -echo; exec cat >/dev/null`;

/** Every operation but the starts with large trees, which have rows of their own. */
const calls: Call[] = [
  { name: "protocol", words: ["protocol"], prints: "version" },
  { name: "start", words: ["start", "weighed-start"], stdin: JSON.stringify({ command: "sleep 1000000" }) },
  { name: "stop", words: ["stop", "weighed-start"] },
  { name: "is-running", words: ["is-running", SESSION], prints: "true" },
  { name: "list-running", words: ["list-running", ""], prints: SESSION },
  { name: "peek", words: ["peek", SESSION, "50"], prints: "line 9999" },
  { name: "peek of all", words: ["peek", SESSION, "0"], prints: "line 1000 " },
  { name: "process-alive", words: ["process-alive", SESSION], stdin: "cat\n", prints: "true" },
  { name: "nudge", words: ["nudge", SESSION], stdin: "hello" },
  { name: "nudge of 1 MiB", words: ["nudge", SESSION], stdin: "x".repeat(1024 * 1024) },
  { name: "send-keys", words: ["send-keys", SESSION, "a"] },
  { name: "interrupt", words: ["interrupt", SESSION] },
  { name: "is-attached", words: ["is-attached", SESSION], prints: "false" },
  { name: "get-last-activity", words: ["get-last-activity", SESSION], prints: "T" },
  { name: "set-meta", words: ["set-meta", SESSION, "colour"], stdin: "blue" },
  { name: "get-meta", words: ["get-meta", SESSION, "colour"], prints: "blue" },
  { name: "remove-meta", words: ["remove-meta", SESSION, "colour"] },
  { name: "clear-scrollback", words: ["clear-scrollback", SESSION] },
];

/** Peak memory of every operation; the row's figure is the largest. */
export async function memoryContest(place: Place): Promise<Contest> {
  return {
    async ours() {
      const pod = await startSession(place, SESSION, { command: READER });
      while (!place.ours(["peek", SESSION, "1"]).stdout.includes(`line ${SCREEN_LINES - 1}`)) await Bun.sleep(100);
      const peaks: Record<string, number> = {};
      for (const { name, words, stdin, prints = "" } of calls) {
        const { MB, stdout } = place.oursWithMemory(words, stdin === undefined ? {} : { stdin });
        must(stdout.includes(prints), `${name} printed "${stdout.slice(0, 200)}"`);
        peaks[`${name}, MB`] = MB;
      }
      peaks["attach, MB"] = await attachPeak(place);
      await stopSession(place, SESSION, pod.metadata.name);
      return { ...peaks, MB: Math.max(...Object.values(peaks)) } satisfies Reading;
    },
  };
}

/** Attaches by a terminal of its own, waits for the screen, and detaches. */
async function attachPeak(place: Place): Promise<number> {
  const report = join(place.scratch, "peak");
  const { command, env } = place.ourCommand(["attach", SESSION]);
  const shown = Promise.withResolvers<void>();
  const child = Bun.spawn(weighing(report, command), {
    env: { ...env, TERM: "xterm-256color" },
    terminal: { cols: 120, rows: 40, data: () => shown.resolve() },
  });
  await Promise.race([shown.promise, Bun.sleep(5_000)]);
  await Bun.sleep(300);
  child.terminal?.write("\x02d");
  const timer = setTimeout(() => child.kill(), 10_000);
  const exit = await child.exited;
  clearTimeout(timer);
  must(exit === 0, `attach ended with ${exit}`);
  return readWeight(report).MB;
}
