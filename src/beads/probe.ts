import type { Operation } from "../provider/operation.ts";
import { assertHealthy } from "./scopes-health.ts";

/** gc kills it after 10 s. */
const PROBE_DEADLINE_MS = 9_000;

/** `probe`: 0 only when the stores are to be reached right now; else gc leaves its setting up to `start`. */
export const probe: Operation = {
  usage: "",
  help: "Succeeds when the city's runner is there and each of its stores answers.",
  deadlineMs: PROBE_DEADLINE_MS,
  async run(context) {
    await assertHealthy(context, PROBE_DEADLINE_MS);
    return undefined;
  },
};
