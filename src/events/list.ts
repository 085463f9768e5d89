import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { cityLog } from "./event-log.ts";
import { matches, parseFilter, selectorOf } from "./filter.ts";
import { readLog } from "./read-log.ts";

/** `list`: the events that gc's filter on stdin asks for. */
export const list: Operation = {
  usage: "",
  help: "Prints the events that match the filter on standard input, as a JSON array by ascending number.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run({ stdin, settings, client, signal, log }) {
    const filter = parseFilter(await stdin());
    log.phase("list");
    const { picked } = await readLog(cityLog(settings, client()), {
      after: filter.afterSeq,
      selector: selectorOf(filter),
      pick: (event) => (matches(filter, event) ? event.text : undefined),
      onUnreadable: (name) => log.warn(`ConfigMap "${name}" holds no event of its number`),
      signal,
    });
    return { stdout: `[${picked.join(",\n")}]\n` };
  },
};
