import { Command, CommanderError, Option } from "commander";
import { version } from "../../package.json";
import { UnknownOperationError, UsageError } from "../provider/errors.ts";
import type { Call, Context, Program } from "../provider/operation.ts";
import type { OptionSettings } from "../provider/settings.ts";
import type { SettingName } from "../provider/settings-table.ts";
import { attach } from "./attach.ts";
import { beads } from "./beads.ts";
import { type CliCommand, declare, type Options } from "./command.ts";
import { candidates, completions } from "./complete.ts";
import { COMPLETE, completion } from "./completion.ts";
import { doctor } from "./doctor.ts";
import { install, upgrade } from "./install.ts";
import { logs } from "./logs.ts";
import { nudge } from "./nudge.ts";
import { isCalled, textApart } from "./operands.ts";
import { peek } from "./peek.ts";
import { pod } from "./pod.ts";
import { reap } from "./reap.ts";
import { settings } from "./settings.ts";
import { status } from "./status.ts";
import { uninstall } from "./uninstall.ts";
import { why } from "./why.ts";

const NAME = "gc-k8s";

/** Commands in the order of the help, under its headings. */
const GROUPS: Record<string, CliCommand[]> = {
  "The city in the cluster:": [install, upgrade, uninstall, doctor],
  "Sessions:": [status, why, attach, peek, nudge, logs],
  "Clean-up and settings:": [reap, beads, settings, pod, completion],
};
const COMMANDS = Object.values(GROUPS).flat();

/** Options that every command has: each stands for a setting. */
const SETTING_OPTIONS: [SettingName, Option][] = [
  ["GC_K8S_NAMESPACE", new Option("-n, --namespace <name>", "namespace that holds the city's pods")],
  ["GC_K8S_CONTEXT", new Option("--context <name>", "context of the kubeconfig")],
  ["GC_K8S_CITY", new Option("--city <name>", "city that the sessions belong to")],
];

const SHARED_OPTIONS = SETTING_OPTIONS.map(([, option]) => option);

/** `gc-k8s`, the command for people. */
export const cliProgram: Program = { name: NAME, operations: {}, parse };

/** Turns a command line into the call of one command; help is a call, too. */
export function parse(argv: string[]): Call {
  if (argv[0] === COMPLETE) return completionCall(argv.slice(1));
  let call: Call | undefined;
  let text = "";
  const program = new Command(NAME)
    .description("Runs a Gas City of AI coding agents on Kubernetes.")
    .version(version, "-V, --version", "shows the version")
    .helpOption("-h, --help", "shows this help")
    .configureHelp({ subcommandTerm })
    .exitOverride()
    .configureOutput({ writeOut: (part) => (text += part), writeErr: () => undefined });
  // As for kubectl, they may stand before the command, too.
  for (const option of SHARED_OPTIONS) program.addOption(option);
  for (const [heading, commands] of Object.entries(GROUPS)) {
    program.commandsGroup(heading);
    for (const command of commands) {
      const declared = declare(program, command);
      for (const option of SHARED_OPTIONS) declared.addOption(option);
      declared.action(() => {
        call = commandCall(command, declared);
      });
    }
  }
  // After the groups, so that it stands in the last one.
  program.helpCommand("help [command]", "Shows the help of a command");
  try {
    if (argv.length === 0) return help(program.helpInformation());
    program.parse(textApart("nudge", SHARED_OPTIONS, argv), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return help(text);
    // Help that was asked for a command that there is not; the library has no words for it.
    if (error.code === "commander.help") throw new UnknownOperationError(`unknown command '${argv.at(-1)}'`);
    const message = error.message.replace(/^error: /, "");
    throw error.code === "commander.unknownCommand" ? new UnknownOperationError(message) : new UsageError(message);
  }
  return call ?? help(program.helpInformation());
}

/** The command as the list of commands has it: that it takes options goes without saying. */
function subcommandTerm(command: Command): string {
  return `${command.name()} ${command.usage().replace("[options]", "").trim()}`.trim();
}

function commandCall(command: CliCommand, declared: Command): Call {
  const options = declared.optsWithGlobals<Options>();
  const { help: sentence, usage, endlessWith = "" } = command;
  const deadlineMs = options[endlessWith] ? undefined : command.deadlineMs;
  return {
    name: declared.name(),
    operation: { usage, help: sentence, deadlineMs, run: (context) => command.run(context, options) },
    args: declared.args,
    settings: optionSettings(options),
  };
}

/** A shell asks what can stand at the end of these words; a slow cluster must not hold up somebody's typing. */
function completionCall(words: string[]): Call {
  const options: Options = {};
  for (const option of SHARED_OPTIONS) {
    const index = words.findLastIndex((word) => isCalled(option, word));
    const joined = words.findLast((word) => word.startsWith(`${option.long}=`));
    const value = joined?.slice(`${option.long}=`.length) ?? (index < 0 ? undefined : words[index + 1]);
    if (value) options[option.attributeName()] = value;
  }
  const found = candidates(COMMANDS, SHARED_OPTIONS, words);
  const run = async (context: Context) => ({ stdout: await completions(context, found, words.at(-1) ?? "") });
  return {
    name: COMPLETE,
    operation: { usage: "", help: "", deadlineMs: 3_000, run },
    args: [],
    settings: optionSettings(options),
  };
}

/** An empty option is unset, as an empty variable is. */
function optionSettings(options: Options): OptionSettings {
  const given: OptionSettings = {};
  for (const [name, option] of SETTING_OPTIONS) {
    const value = options[option.attributeName()];
    if (typeof value === "string" && value) given[name] = { value, origin: `${option.long}` };
  }
  return given;
}

function help(text: string): Call {
  const operation = { usage: "", help: "", deadlineMs: undefined, run: async () => ({ stdout: text }) };
  return { name: "help", operation, args: [] };
}
