import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { assertHealthy } from "./scopes-health.ts";

/** `health`: gc takes failure as the word to `recover`, so it mends nothing itself. The environment that comes with it may
 * name one store by accident; all of the city's are asked. */
export const health: Operation = {
  usage: "",
  help: "Succeeds when each store of the city answers a question; fails with the first that does not, and changes nothing.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    await assertHealthy(context, DRIVE_DEADLINE_MS);
    return undefined;
  },
};
