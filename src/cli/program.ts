import { Command, CommanderError, Option } from "commander";
import { UnknownOperationError, UsageError } from "../provider/errors.ts";
import type { Call, Context, Program } from "../provider/operation.ts";
import type { OptionSettings } from "../provider/settings.ts";
import type { SettingName } from "../provider/settings-table.ts";
import { attach } from "./attach.ts";
import { beads } from "./beads.ts";
import { type CliCommand, declare, type Options } from "./command.ts";
import { candidates, completions, isCalled } from "./complete.ts";
import { COMPLETE, completion } from "./completion.ts";
import { doctor } from "./doctor.ts";
import { install, upgrade } from "./install.ts";
import { logs } from "./logs.ts";
import { nudge } from "./nudge.ts";
import { peek } from "./peek.ts";
import { pod } from "./pod.ts";
import { reap } from "./reap.ts";
import { settings } from "./settings.ts";
import { status } from "./status.ts";
import { uninstall } from "./uninstall.ts";
import { why } from "./why.ts";

const NAME = "gc-k8s";

/** Commands in the order of the help. */
const COMMANDS: CliCommand[] = [
  ...[install, upgrade, uninstall, doctor],
  ...[status, why, attach, peek, nudge, logs],
  ...[beads, reap, settings, pod, completion],
];

/** Options that every command has: each stands for a setting. */
const SETTING_OPTIONS: [SettingName, Option][] = [
  ["GC_K8S_NAMESPACE", new Option("-n, --namespace <name>", "namespace that holds the city's pods")],
  ["GC_K8S_CONTEXT", new Option("--context <name>", "context of the kubeconfig")],
  ["GC_K8S_CITY", new Option("--city <name>", "city that the sessions belong to")],
];

/** `gc-k8s`, the command for people. */
export const cliProgram: Program = { name: NAME, operations: {}, parse };

/** Turns a command line into the call of one command; help is a call, too. */
export function parse(argv: string[]): Call {
  if (argv[0] === COMPLETE) return completionCall(argv.slice(1));
  let call: Call | undefined;
  let text = "";
  const program = new Command(NAME)
    .description("Runs a Gas City of AI coding agents on Kubernetes.")
    .exitOverride()
    .configureOutput({ writeOut: (part) => (text += part), writeErr: () => undefined });
  for (const command of COMMANDS) {
    const declared = declare(program, command);
    for (const [, option] of SETTING_OPTIONS) declared.addOption(option);
    declared.action(() => {
      call = commandCall(command, declared);
    });
  }
  try {
    if (argv.length === 0) return help(program.helpInformation());
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return help(text);
    const message = error.message.replace(/^error: /, "");
    throw error.code === "commander.unknownCommand" ? new UnknownOperationError(message) : new UsageError(message);
  }
  return call ?? help(program.helpInformation());
}

function commandCall(command: CliCommand, declared: Command): Call {
  const options = declared.opts<Options>();
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
  const shared = SETTING_OPTIONS.map(([, option]) => option);
  const options: Options = {};
  for (const option of shared) {
    const index = words.findLastIndex((word) => isCalled(option, word));
    const joined = words.findLast((word) => word.startsWith(`${option.long}=`));
    const value = joined?.slice(`${option.long}=`.length) ?? (index < 0 ? undefined : words[index + 1]);
    if (value) options[option.attributeName()] = value;
  }
  const found = candidates(COMMANDS, shared, words);
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
