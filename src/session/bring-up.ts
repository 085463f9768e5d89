import { isRefusal } from "../kube/errors.ts";
import { TOOLING } from "../pod/image-check.ts";
import type { Pod } from "../pod/pod-object.ts";
import { errorLine, FactError, InterruptedError, OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { agentPodInput } from "../provider/pod-input.ts";
import { agentState } from "./agent-state.ts";
import { createBox } from "./create-box.ts";
import { readBoxEnd } from "./ended-box.ts";
import { launch } from "./launch.ts";
import { type LaunchMark, markLaunched } from "./mark-launched.ts";
import { assertRoom } from "./max-pending.ts";
import { removeMade } from "./pods.ts";
import type { Session } from "./session.ts";
import { sessionFiles } from "./session-files.ts";
import { stagedFiles } from "./staging.ts";
import type { StartConfig } from "./start-config.ts";
import { launchFailure, startFailure } from "./start-failure.ts";
import type { Staged } from "./tar-stream.ts";

import { waitRunning } from "./wait-running.ts";
import { ensureClaim } from "./workspace-claim.ts";

/** gc kills a start after 120 s; what is left must suffice to clean up. */
export const START_SECONDS = 110;
/** What may be spent on removing the pod of a start that failed, and of one that gc is about to kill. */
const UNDO_MS = 8_000;
const UNDO_INTERRUPTED_MS = 1_500;

/** What a box is brought up as. */
export interface BoxPlan {
  /** How the pod is marked once the box runs what it was made for. */
  mark: LaunchMark;
  /** Files of the session beside the usual ones. */
  extraFiles?: Staged[];
  /** What remains to be done in the box; when it throws, the box is removed. */
  after?: () => Promise<void>;
}

/** Makes the session's box and launches what `config` says in it: one POST, one watch until the container runs, one
 * exec that stages and starts, one PATCH. Whatever fails, the pod it made is removed. */
export async function bringUp(context: Context, session: Session, config: StartConfig, plan: BoxPlan): Promise<void> {
  const { settings } = context;
  const startId = crypto.randomUUID();
  const input = agentPodInput(session, config.env, settings, { startId, startSeconds: START_SECONDS });
  context.log.phase("read");
  const hasClaim = settings.get("GC_K8S_WORKSPACE") === "claim";
  const staged = settings.get("GC_K8S_PREBAKED") === "true" ? [] : await stagedFiles(config, context);
  const entries = [...sessionFiles(session, config, settings), ...(plan.extraFiles ?? []), ...staged];
  const progress: { pod?: Pod } = {};
  try {
    if (hasClaim) await ensureClaim(context, session);
    context.log.phase("create");
    await assertRoom(context, session);
    progress.pod = await createBox(context, session, input);
    context.log.podUid = progress.pod.metadata.uid;
    context.log.phase("wait");
    const running = await waitRunning(context, session, progress.pod);
    context.log.phase("launch");
    const launched = await launch(context, session, {
      entries,
      limitSeconds: START_SECONDS,
      keepNewer: hasClaim,
      tools: settings.get("GC_K8S_TOOLING") === "true" ? TOOLING : [],
      logScreen: settings.get("GC_K8S_LOG_SCREEN") === "true",
    }).catch(async (error: unknown) => Promise.reject(await launchFailure(context, session, running, error)));
    context.log.phase("mark");
    await markLaunched(context, session, { seen: running, startId, mark: plan.mark });
    await launched.commit().catch((error: unknown) => confirmCommit(context, session, running, error));
    await plan.after?.();
  } catch (error) {
    const failure = startFailure(session, error);
    // What another start has, or the API server would not make, is not ours to remove; there may be no right to, either.
    const hasMadeNothing = error instanceof FactError || (!progress.pod && isRefusal(error));
    if (!hasMadeNothing) await undo(context, session, startId, progress.pod, failure);
    throw failure;
  }
}

/** The connection may break after the box has taken the commit; the box knows, also after its end. */
async function confirmCommit(context: Context, session: Session, launched: Pod, error: unknown): Promise<void> {
  const state = await agentState(context, session);
  if (state === "running") return;
  const end = state === "ended" ? await readBoxEnd(context, session) : undefined;
  if (!end?.cause || UNDONE.has(end.cause)) throw await launchFailure(context, session, launched, error);
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
  context.log.phase("undo");
  const limitMs = context.signal.reason instanceof InterruptedError ? UNDO_INTERRUPTED_MS : UNDO_MS;
  await removeMade(context, session, { startId, known }, AbortSignal.timeout(limitMs)).catch((problem: unknown) => {
    throw new OperationError(
      `${errorLine(error)}; pod "${session.pod}" could not be removed (${errorLine(problem)}): stop the session`,
    );
  });
}
