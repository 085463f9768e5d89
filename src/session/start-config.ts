import { type Env, environmentProblem } from "../pod/environment.ts";
import { UsageError } from "../provider/errors.ts";

/** What gc sends on stdin of `start`: every field may be absent, unknown fields are tolerated. */
export interface StartConfig {
  /** Controller's directory of the agent; "" = none. It may not exist yet. */
  workDir: string;
  /** Shell command of the agent; "" = a shell. */
  command: string;
  /** `one_shot` = the agent is expected to end. */
  lifecycle: string;
  env: Env;
  /** Text to type once the agent is up. */
  nudge: string;
}

/** Reads the start configuration; throws `UsageError` for text that is no such object. */
export function parseStartConfig(text: string): StartConfig {
  const json = parseObject(text);
  const env = json["env"] ?? {};
  if (typeof env !== "object" || Array.isArray(env)) throw badField("env", "an object of texts");
  const problem = environmentProblem(env as Record<string, unknown>);
  if (problem) throw new UsageError(`Cannot use the start configuration: env: ${problem}`);
  const config = {
    workDir: stringField(json, "work_dir"),
    command: stringField(json, "command"),
    lifecycle: stringField(json, "lifecycle"),
    nudge: stringField(json, "nudge"),
    env: env as Env,
  };
  if (config.workDir && !config.workDir.startsWith("/")) throw badField("work_dir", "an absolute path");
  return config;
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(
      `Cannot read the start configuration on stdin: ${text.trim() ? "it is no JSON" : "it is empty"}`,
    );
  }
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new UsageError("Cannot read the start configuration on stdin: it is no JSON object");
  return value as Record<string, unknown>;
}

function stringField(json: Record<string, unknown>, name: string): string {
  const value = json[name] ?? "";
  if (typeof value !== "string" || value.includes("\0") || !value.isWellFormed())
    throw badField(name, "a text without NUL");
  return value;
}

function badField(name: string, expected: string): UsageError {
  return new UsageError(`Cannot use the start configuration: ${name} must be ${expected}`);
}
