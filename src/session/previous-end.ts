import type { Context } from "../provider/operation.ts";
import { ifReadable, readLog } from "./ended-box.ts";
import { withPatience } from "./patience.ts";
import type { Session } from "./session.ts";

const LAST_LINES = 10;
/** A node that does not answer must not hold up the start. */
const LOG_MS = 2_000;

/** What the agent wrote last, for the operation log; nothing is read when none is kept. */
export async function lastLines(context: Context, session: Session): Promise<string[] | undefined> {
  if (!context.settings.get("GC_K8S_LOG")) return undefined;
  const read = async ({ signal }: { signal: AbortSignal }) =>
    (await readLog({ ...context, signal }, session, LAST_LINES)).trimEnd().split("\n");
  return await ifReadable(context, () => withPatience(context.signal, LOG_MS, read, () => undefined));
}
