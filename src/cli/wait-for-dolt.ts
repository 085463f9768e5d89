import { sleep } from "../kube/retry.ts";
import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { sayNow } from "./progress.ts";

const LOOK_EVERY_MS = 500;

interface StatefulSet {
  metadata: { generation: number };
  status?: { observedGeneration?: number; readyReplicas?: number; updatedReplicas?: number };
}

/** Resolves when Dolt runs as it was applied and answers; throws when it does not in time. */
export async function waitForDolt(context: Context, namespace: string, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  let hasSaid = false;
  for (;;) {
    const set = await context.client().json<StatefulSet>({
      path: `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/statefulsets/dolt`,
      what: 'GET StatefulSet "dolt"',
      signal: context.signal,
    });
    const { observedGeneration = 0, readyReplicas = 0, updatedReplicas = 0 } = set.status ?? {};
    if (observedGeneration >= set.metadata.generation && readyReplicas > 0 && updatedReplicas > 0) return;
    if (performance.now() > end)
      throw new OperationError(
        `Everything is applied, but Dolt is not ready after ${seconds} s: gc-k8s doctor says why`,
      );
    if (!hasSaid) sayNow("Waiting for Dolt …");
    hasSaid = true;
    await sleep(LOOK_EVERY_MS, context.signal);
  }
}
