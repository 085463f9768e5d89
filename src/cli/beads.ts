import { Option } from "commander";
import { UsageError } from "../provider/errors.ts";
import type { CliCommand } from "./command.ts";
import { callProgram } from "./session-call.ts";

/** `gc-k8s beads purge`: what the city's own program does every night. */
export const beads: CliCommand = {
  usage: "beads <operation>",
  summary: "Deletes closed ephemeral beads (beads purge)",
  help: "beads purge: deletes closed ephemeral beads of the city, and prints how many.",
  examples: [
    ["gc-k8s beads purge --dry-run", "how many would go"],
    ["gc-k8s beads purge --older-than 7d", "those that were closed a week ago"],
  ],
  deadlineMs: 300_000,
  options: [
    new Option("--older-than <age>", "only those that were closed so long ago: 7d, 2w"),
    new Option("--dry-run", "changes nothing"),
  ],
  async run(context, { olderThan, dryRun }) {
    const [operation] = context.args;
    if (operation !== "purge") throw new UsageError(`beads has no operation "${operation}": it has purge`);
    const age = typeof olderThan === "string" ? ["--older-than", olderThan] : [];
    const args = ["purge", ...age, ...(dryRun ? ["--dry-run"] : [])];
    return await callProgram(context, "gc-beads-k8s", args);
  },
};
