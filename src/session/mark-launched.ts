import { isConflict } from "../kube/errors.ts";
import { Annotation } from "../pod/labels.ts";
import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { getPod, hasEnded, type Pod, podsPath } from "./pods.ts";
import { quoted, type Session } from "./session.ts";

/** Marks exactly the pod that was seen as launched; another change in between is looked at before the next try. */
export async function markLaunched(context: Context, session: Session, seen: Pod, startId: string): Promise<void> {
  const { uid } = seen.metadata;
  let { resourceVersion } = seen.metadata;
  for (;;) {
    try {
      const annotations = { [Annotation.launched]: startId };
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
    if (!now || now.metadata.uid !== uid || now.metadata.deletionTimestamp || hasEnded(now))
      throw new OperationError(`Cannot start ${quoted(session)}: its pod was stopped while it started`);
    if (now.metadata.annotations?.[Annotation.launched] === startId) return;
    resourceVersion = now.metadata.resourceVersion;
  }
}
