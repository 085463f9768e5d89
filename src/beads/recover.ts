import type { Operation } from "../provider/operation.ts";
import { cityOf } from "./city.ts";
import { LIFECYCLE_DEADLINE_MS } from "./deadline.ts";
import { ensureRunner } from "./ensure-runner.ts";
import { healScopes } from "./scopes-health.ts";

/** `recover`: makes a runner that is lost anew, sets its stores up again, and waits for a Dolt server that is away. */
export const recover: Operation = {
  usage: "",
  help: "Makes runner and stores answer again, waiting for Dolt where that is away; succeeds when all of them do.",
  deadlineMs: LIFECYCLE_DEADLINE_MS,
  async run(context) {
    await ensureRunner(context, cityOf(context));
    await healScopes(context, LIFECYCLE_DEADLINE_MS);
    return undefined;
  },
};
