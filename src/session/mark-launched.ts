import { isConflict } from "../kube/errors.ts";
import type { Annotation } from "../pod/labels.ts";
import { hasEnded, type Pod } from "../pod/pod-object.ts";
import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { getPod, podsPath } from "./pods.ts";
import { quoted, type Session } from "./session.ts";
import { isStillThere } from "./wait-running.ts";

/** Annotation that tells what a box was made for, and that it got there. */
export type LaunchMark = typeof Annotation.launched | typeof Annotation.provisioned;

/** Marks exactly the pod that was seen; another change in between is looked at before the next try. */
export async function markLaunched(
  context: Context,
  session: Session,
  { seen, startId, mark }: { seen: Pod; startId: string; mark: LaunchMark },
): Promise<void> {
  const { uid } = seen.metadata;
  let { resourceVersion } = seen.metadata;
  for (;;) {
    try {
      const annotations = { [mark]: startId };
      await context.client().json({
        method: "PATCH",
        path: podsPath(session.namespace, session.pod),
        contentType: "application/merge-patch+json",
        body: { metadata: { uid, resourceVersion, annotations } },
        what: `PATCH pod "${session.pod}"`,
        // Repeated after its effect it fails on the version, and the pod then shows the mark.
        idempotent: true,
        signal: context.signal,
      });
      return;
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
    const now = await getPod(context.client(), session, context.signal);
    if (!isStillThere(now, seen) || hasEnded(now))
      throw new OperationError(`Cannot start ${quoted(session)}: its pod was stopped while it started`);
    if (now.metadata.annotations?.[mark] === startId) return;
    resourceVersion = now.metadata.resourceVersion;
  }
}
