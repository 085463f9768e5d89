import { isNotFound } from "../../kube/errors.ts";
import type { Context } from "../../provider/operation.ts";
import { type MadeBox, makeBox, runIn } from "./box.ts";
import { type Patient, Unseen } from "./check.ts";

/** What the checks of one run share, and what removes the box that they may have made. */
export function admit(context: Context): { patient: Patient; discharge(): Promise<void> } {
  const namespace = context.settings.get("GC_K8S_NAMESPACE");
  let made: Promise<MadeBox> | undefined;
  const startBox = async () => {
    made ??= makeBox(context);
    return (await made).box;
  };
  const patient: Patient = {
    context,
    namespace,
    city: context.settings.get("GC_K8S_CITY"),
    startBox,
    box: () =>
      startBox().catch((cause: unknown) => {
        throw new Unseen('not looked at: no pod runs, see the checks "pod" and "image"', { cause });
      }),
    run: ({ pod, container }, command) => runIn(context, { namespace, pod, container }, command),
    async get<T>(path: string, what: string): Promise<T | undefined> {
      try {
        return await context.client().json<T>({ path, what, signal: context.signal });
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
  };
  return {
    patient,
    async discharge() {
      // Why it could not be made, or may not be removed, the checks tell; it ends itself, and the next run
      // finds it as a leftover.
      const box = await made?.catch(() => undefined);
      await box?.remove().catch(() => undefined);
    },
  };
}
