import { readFileSync } from "node:fs";
import { Option } from "commander";
import { agentPod } from "../pod/agent-pod.ts";
import { type Env, environmentProblem } from "../pod/environment.ts";
import { sessionNameProblem } from "../pod/names.ts";
import { isObject } from "../pod/strategic-merge.ts";
import { UsageError } from "../provider/errors.ts";
import { type Context, DRIVE_DEADLINE_MS } from "../provider/operation.ts";
import { agentPodInput } from "../provider/pod-input.ts";
import { type CliCommand, type Options, outputOption } from "./command.ts";

/** `gc-k8s pod NAME --dry-run`: the pod that a start of the session would make. */
export const pod: CliCommand = {
  usage: "pod <name>",
  summary: "Prints the pod that a start would make",
  help: "Prints the pod that a start of the session would make, from settings and template; nothing is created.",
  examples: [
    ["gc-k8s pod mayor --dry-run", "the pod as it would be sent; needs no cluster"],
    ["gc-k8s pod mayor --dry-run=server -o json", "the pod as the cluster would take it, or why it would not"],
    ["gc-k8s pod mayor --dry-run --start start.json", "with the environment that gc sends: labels, template sections"],
  ],
  deadlineMs: DRIVE_DEADLINE_MS,
  options: [
    new Option("--dry-run [where]", "where the pod is checked").choices(["client", "server"]).preset("client"),
    new Option("--start <file>", "start configuration as gc sends it; - = stdin"),
    outputOption("yaml", "json"),
  ],
  async run(context, options) {
    if (!options["dryRun"])
      throw new UsageError("a pod is made by a start of its session only: add --dry-run or --dry-run=server");
    const body = await dryRunPod(context, options);
    const stdout = options["output"] === "json" ? JSON.stringify(body, null, 2) : Bun.YAML.stringify(body, null, 2);
    return { stdout: `${stdout}\n` };
  },
};

async function dryRunPod(context: Context, options: Options): Promise<object> {
  const session = context.args[0] ?? "";
  const problem = session ? sessionNameProblem(session) : "it is empty";
  if (problem) throw new UsageError(`Cannot use the session name "${session.slice(0, 80)}": ${problem}`);
  const env = await startEnvironment(context, options["start"]);
  const identity = { session, city: context.settings.get("GC_K8S_CITY") };
  // No start has made this pod, so it names none, and a real start would not wait for it.
  const input = agentPodInput(identity, env, context.settings, { startId: "dry-run", startSeconds: 0 });
  const body = agentPod(input);
  if (options["dryRun"] !== "server") return body;
  return await context.client().json<object>({
    method: "POST",
    path: `/api/v1/namespaces/${encodeURIComponent(input.namespace)}/pods`,
    query: { dryRun: "All", fieldValidation: "Strict" },
    body,
    what: `POST pod of session "${session}" as a dry run`,
    idempotent: true,
    signal: context.signal,
  });
}

/** The environment of a start configuration is all that the pod depends on. */
async function startEnvironment(context: Context, file: string | true | undefined): Promise<Env> {
  if (typeof file !== "string") return {};
  const text = file === "-" ? new TextDecoder().decode(await context.stdin()) : readStart(file);
  const env = parseStart(text)["env"] ?? {};
  const problem = isObject(env) ? environmentProblem(env) : "it is no object";
  if (problem) throw new UsageError(`Cannot use the start configuration: env: ${problem}`);
  return env as Env;
}

function readStart(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`Cannot read the start configuration "${path}": ${(error as NodeJS.ErrnoException).code}`);
  }
}

function parseStart(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new UsageError("Cannot read the start configuration: it is no JSON object");
}
