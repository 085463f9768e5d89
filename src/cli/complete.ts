import type { Option } from "commander";
import { list } from "../kube/watch.ts";
import { AGENT_APP, Annotation, Label } from "../pod/labels.ts";
import { labelValue, sessionNameProblem } from "../pod/names.ts";
import type { Context } from "../provider/operation.ts";
import type { CliCommand } from "./command.ts";
import { SHELLS } from "./completion.ts";
import { METADATA_LIST } from "./inventory.ts";
import { objectsPath } from "./kinds.ts";
import { isCalled, operandAt, takesValue } from "./operands.ts";
import { PODS, type SessionPod } from "./session-pod.ts";

/** What may stand where the cursor is: these words, or the name of a session. */
export type Candidates = string[] | "sessions";

/** What each argument takes, by its name in a command's usage. */
const ARGUMENTS: Record<string, Candidates> = {
  session: "sessions",
  name: "sessions",
  shell: SHELLS,
  operation: ["purge"],
};

/** What can complete the last of the words after `gc-k8s`. Pure: names of sessions are for the caller to ask. */
export function candidates(commands: CliCommand[], shared: Option[], words: string[]): Candidates {
  const said = words.slice(0, -1);
  const [name, ...before] = said.slice(operandAt(shared, said, 0));
  const current = words.at(-1) ?? "";
  if (name === undefined) {
    if (takesValue(shared, words.at(-2))) return [];
    if (current.startsWith("-")) return [...shared.map(({ long }) => long ?? ""), "--help", "--version"];
    return [...commands.map(commandName), "help"];
  }
  const command = commands.find((each) => commandName(each) === name);
  if (!command) return name === "help" ? commands.map(commandName) : [];
  const options = [...command.options, ...shared];
  const awaiting = options.find((option) => option.required && isCalled(option, before.at(-1)));
  if (awaiting) return awaiting.argChoices ?? [];
  if (current.startsWith("-")) return [...options.map(({ long }) => long ?? ""), "--help"];
  const operands = before.filter((word, index) => !word.startsWith("-") && !takesValue(options, before[index - 1]));
  const argument = command.usage.split(" ")[operands.length + 1] ?? "";
  return ARGUMENTS[argument.replace(/[<>[\].]/g, "")] ?? [];
}

function commandName({ usage }: CliCommand): string {
  return usage.split(" ")[0] ?? "";
}

/** The lines that a shell is given: what begins with the word at the cursor. */
export async function completions(context: Context, found: Candidates, current: string): Promise<string> {
  const words = found === "sessions" ? await sessionNames(context) : found;
  return words
    .filter((word) => word.startsWith(current))
    .map((word) => `${word}\n`)
    .join("");
}

async function sessionNames(context: Context): Promise<string[]> {
  const city = context.settings.get("GC_K8S_CITY");
  const { items } = await list<SessionPod>(context.client(), {
    path: objectsPath(PODS, context.settings.get("GC_K8S_NAMESPACE")),
    what: `GET pods of city "${city}"`,
    labelSelector: `${Label.app}=${AGENT_APP},${Label.city}=${labelValue(city)}`,
    accept: METADATA_LIST,
    signal: context.signal,
  });
  return items
    .filter(({ metadata }) => metadata.annotations?.[Annotation.cityName] === city)
    .map(({ metadata }) => metadata.annotations?.[Annotation.sessionName] ?? "")
    .filter((name) => name !== "" && sessionNameProblem(name) === undefined);
}
