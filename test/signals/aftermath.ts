import { expect } from "bun:test";
import { until } from "../conformance/until.ts";
import type { RunningCall } from "../support/gc/provider-process.ts";
import type { WatchedNamespace } from "../support/gc/watched-namespace.ts";

/** gc kills 2 s after its SIGINT. */
const GONE_WITHIN_MS = 1_800;
const POD_GONE_WITHIN_MS = 5_000;
/** Configuration of a start that does nothing special. */
export const CONFIG = JSON.stringify({ command: "exec sleep 300" });

/** Signals the start's group and sees that it ends in time and leaves nothing, unless it had succeeded already; resolves
 * with the milliseconds to its end. */
export async function interrupt(
  field: WatchedNamespace,
  name: string,
  call: RunningCall,
  signal: "SIGINT" | "SIGTERM",
  { mayHaveSucceeded = false } = {},
): Promise<number> {
  const sentAt = performance.now();
  call.signal(signal);
  const answer = await call.done;
  const endedMs = performance.now() - sentAt;
  expect(endedMs).toBeLessThan(GONE_WITHIN_MS);
  if (answer.exit === 0) {
    expect(mayHaveSucceeded).toBe(true);
    expect(await field.gc().value("is-running", name)).toBe("true");
    await field.stopAll([name]);
    return endedMs;
  }
  // Before the process has installed its handlers a signal just ends it; nothing has been asked for by then.
  if (answer.signal) expect([answer.signal, answer.ms < 250]).toEqual([signal, true]);
  else expect([answer.exit, answer.stderr]).toEqual([1, expect.stringMatching(/^start: [^\n]+\n$/)]);
  const pods = () => field.history().of(name);
  await until(() => pods().every(({ goneAtMs }) => goneAtMs), sentAt + POD_GONE_WITHIN_MS - performance.now());
  // A POST that was under way may have been carried out late.
  await Bun.sleep(1_000);
  expect(pods().filter(({ goneAtMs }) => !goneAtMs)).toEqual([]);
  if (answer.signal) expect(pods()).toEqual([]);
  return endedMs;
}

/** gc's next start has the usual limit; "already exists" is a success only when the session then really runs. */
export async function assertNextStartSucceeds(
  field: WatchedNamespace,
  name: string,
  { mayRunAlready }: { mayRunAlready: boolean },
): Promise<void> {
  const { exit, stderr } = await field.gc().begin("start", [name], { stdin: CONFIG }).done;
  if (mayRunAlready && /already exists/.test(stderr)) expect(exit).toBe(1);
  else expect([exit, stderr]).toEqual([0, ""]);
  // Whatever was left of the killed start may end now; it must not take the new session with it.
  await Bun.sleep(3_000);
  expect(await field.gc().value("is-running", name)).toBe("true");
  expect((await field.gc().call("process-alive", [name], { stdin: "sleep" })).value).toBe("true");
  await field.stopAll([name]);
}
