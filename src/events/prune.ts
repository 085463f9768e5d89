import { UsageError } from "../provider/errors.ts";
import type { Operation } from "../provider/operation.ts";
import { ageMs, wholeNumber } from "./age.ts";
import { cityLog } from "./event-log.ts";
import { type Retention, removeOld, retention } from "./remove-old.ts";

/** Options and what each sets. */
const OPTIONS: Record<string, (text: string) => Partial<Retention>> = {
  "--older-than": (text) => ({ olderThanMs: ageMs(text, "--older-than") }),
  "--keep": (text) => ({ keep: wholeNumber(text, "--keep") }),
};

/** One run removes at most so many: the next one goes on. */
const MOST = 100_000;

/** `prune [--older-than AGE] [--keep N]`: for a CronJob, or by hand. */
export const prune: Operation = {
  usage: "[--older-than <age>] [--keep <number>]",
  help: "Removes the city's events that are older than the age, but for the newest ones; see GC_K8S_EVENTS_OLDER_THAN and GC_K8S_EVENTS_KEEP.",
  deadlineMs: 300_000,
  async run({ args, settings, client, signal }) {
    const rules = { ...retention(settings), ...parse(args) };
    const removed = await removeOld(cityLog(settings, client()), rules, { most: MOST, signal });
    return { stdout: `Removed ${removed} event${removed === 1 ? "" : "s"}\n` };
  },
};

function parse(args: string[]): Partial<Retention> {
  const words = args.flatMap((word) => (word.startsWith("--") ? word.split("=", 2) : [word]));
  let rules: Partial<Retention> = {};
  for (let at = 0; at < words.length; at += 2) {
    const name = words[at] ?? "";
    const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (!option) throw new UsageError(`Cannot use "${name}": the options are ${Object.keys(OPTIONS).join(" and ")}`);
    rules = { ...rules, ...option(words[at + 1] ?? "") };
  }
  return rules;
}
