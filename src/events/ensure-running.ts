import type { Operation } from "../provider/operation.ts";

/** `ensure-running`: gc calls it before the first operation of each process of its own. */
export const ensureRunning: Operation = {
  usage: "",
  help: "Does nothing: no part of the log has to run, and its first event makes it.",
  deadlineMs: 5_000,
  async run() {
    return undefined;
  },
};
