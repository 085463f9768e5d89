import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { cityLog } from "./event-log.ts";
import { readHead } from "./head.ts";

/** `latest-seq`: one request. The number comes from the newest event itself, so it names none that cannot be read. */
export const latestSeq: Operation = {
  usage: "",
  help: "Prints the number of the newest event, 0 when there was never one.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run({ settings, client, signal }) {
    const { seq } = await readHead(cityLog(settings, client()), signal);
    return { stdout: `${seq}\n` };
  },
};
