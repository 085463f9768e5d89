import { Annotation } from "../pod/labels.ts";
import { errorLine, FactError, InterruptedError, OperationError } from "../provider/errors.ts";
import type { Context, Operation } from "../provider/operation.ts";
import { afterLaunch } from "./after-launch.ts";
import { agentState } from "./agent-state.ts";
import { boxInput } from "./box-input.ts";
import { createBox } from "./create-box.ts";
import { readBoxEnd } from "./ended-box.ts";
import { launch } from "./launch.ts";
import { markLaunched } from "./mark-launched.ts";
import { deletePod, getPod, type Pod } from "./pods.ts";
import { namedSession, type Session } from "./session.ts";
import { sessionFiles } from "./session-files.ts";
import { stagedFiles } from "./staging.ts";
import { parseStartConfig } from "./start-config.ts";
import { waitRunning } from "./wait-running.ts";

/** gc kills a start after 120 s; what is left must suffice to clean up. */
const START_SECONDS = 110;
/** What may be spent on removing the pod of a start that failed, and of one that gc is about to kill. */
const UNDO_MS = 8_000;
const UNDO_INTERRUPTED_MS = 1_500;

/** `start <name>`: one POST, one watch until the container runs, one exec that stages and starts, one PATCH. */
export const start: Operation = {
  usage: "<name>",
  help: "Starts the agent that the JSON on stdin describes in a pod of its own; fails when the session runs already.",
  deadlineMs: START_SECONDS * 1000,
  async run(context) {
    const text = new TextDecoder().decode(await context.stdin());
    const session = namedSession(context);
    const config = parseStartConfig(text);
    const startId = crypto.randomUUID();
    const input = boxInput(session, config, context.settings, { startId, startSeconds: START_SECONDS });
    context.log.phase("read");
    const entries = [...sessionFiles(session, config, context.settings), ...stagedFiles(config, context.log)];
    const progress: { pod?: Pod } = {};
    try {
      context.log.phase("create");
      progress.pod = await createBox(context, session, input);
      context.log.podUid = progress.pod.metadata.uid;
      context.log.phase("wait");
      const running = await waitRunning(context, session, progress.pod);
      context.log.phase("launch");
      const launched = await launch(context, session, entries, START_SECONDS);
      context.log.phase("mark");
      await markLaunched(context, session, running, startId);
      await launched.commit().catch((error: unknown) => confirmCommit(context, session, error));
      await afterLaunch(context, session, config);
    } catch (error) {
      await undo(context, session, startId, progress.pod, error);
      throw error;
    }
    return undefined;
  },
};

/** The connection may break after the box has taken the commit; the box knows, also after its end. */
async function confirmCommit(context: Context, session: Session, error: unknown): Promise<void> {
  const state = await agentState(context, session);
  if (state === "running") return;
  const end = state === "ended" ? await readBoxEnd(context, session) : undefined;
  if (!end || UNDONE.has(end.cause)) throw error;
}

/** Causes by which a box tells that its launch was never committed. */
const UNDONE = new Set(["never-launched", "launch-abandoned"]);

/** Removes what the failed start has made, and nothing else. Says so when that fails, because a committed box would run on. */
async function undo(
  context: Context,
  session: Session,
  startId: string,
  known: Pod | undefined,
  error: unknown,
): Promise<void> {
  if (error instanceof FactError) return;
  context.log.phase("undo");
  const limitMs = context.signal.reason instanceof InterruptedError ? UNDO_INTERRUPTED_MS : UNDO_MS;
  const signal = AbortSignal.timeout(limitMs);
  try {
    const pod = known ?? (await getPod(context.client(), session, signal));
    if (pod?.metadata.annotations?.[Annotation.startId] !== startId) return;
    await deletePod(context.client(), pod, { namespace: session.namespace, gracePeriodSeconds: 1, signal });
  } catch (problem) {
    throw new OperationError(
      `${errorLine(error)}; pod "${session.pod}" could not be removed (${errorLine(problem)}): stop the session`,
    );
  }
}
