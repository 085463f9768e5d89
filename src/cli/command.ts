import { type Command, Option } from "commander";
import type { Context, Result } from "../provider/operation.ts";

/** What the options of a command line give, by their long names. */
export type Options = Record<string, string | true | undefined>;

/** One command of `gc-k8s`. */
export interface CliCommand {
  /** Name and arguments, such as `pod <name>`. */
  usage: string;
  /** A few words for the list of commands. */
  summary: string;
  /** One sentence for the command's own help. */
  help: string;
  /** Command lines that do something useful, each with what it does. */
  examples: [string, string][];
  /** Time after which the command gives up; undefined = never. */
  deadlineMs: number | undefined;
  /** Option with which it goes on until it is ended. */
  endlessWith?: string;
  options: Option[];
  run(context: Context, options: Options): Promise<Result | undefined>;
}

/** `-o`: how the result is written; the first format is the default. */
export function outputOption(...formats: string[]): Option {
  return new Option("-o, --output <format>", "how the result is written").choices(formats).default(formats[0]);
}

/** Tells the library of a command, its options and examples. */
export function declare(program: Command, command: CliCommand): Command {
  const declared = program.command(command.usage).summary(command.summary).description(command.help);
  for (const option of command.options) declared.addOption(option);
  const examples = command.examples.map(([line, what]) => `  # ${what}\n  ${line}\n`);
  return declared.addHelpText("after", `\nExamples:\n${examples.join("\n")}`);
}
