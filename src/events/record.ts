import { errorLine } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { append } from "./append.ts";
import { cityLog, type EventLog } from "./event-log.ts";
import { newEvent } from "./new-event.ts";
import { removeOld, retention } from "./remove-old.ts";

/** One record in so many cleans up, so that a log without a CronJob stays bounded as well. */
const CLEAN_UP_EVERY = 100;
const CLEAN_UP_MOST = 200;
const CLEAN_UP_MS = 2_000;

/** `record`: the event on stdin becomes the newest one. gc waits for it. */
export const record: Operation = {
  usage: "",
  help: "Records the event on standard input under the next number.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const event = newEvent(await context.stdin(), new Date());
    const log = cityLog(context.settings, context.client());
    context.log.phase("append");
    const seq = await append(log, event, context.signal);
    if (seq % CLEAN_UP_EVERY === 0) await cleanUp(context, log);
    return undefined;
  },
};

/** The event is recorded, whatever becomes of this. */
async function cleanUp({ settings, signal, log: operationLog }: Context, log: EventLog): Promise<void> {
  operationLog.phase("clean up");
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(CLEAN_UP_MS)]);
  try {
    await removeOld(log, retention(settings), { most: CLEAN_UP_MOST, signal: inTime });
  } catch (error) {
    operationLog.warn(errorLine(error, "clean up"));
  }
}
