import { type Env, environmentProblem } from "../pod/environment.ts";
import { UsageError } from "../provider/errors.ts";

/** What gc sends on stdin of `start`: every field may be absent, unknown fields are tolerated. */
export interface StartConfig {
  /** Controller's directory of the agent; "" = none. It may not exist yet. */
  workDir: string;
  /** Shell command of the agent; "" = a shell. */
  command: string;
  /** Names by which gc knows the agent's processes. */
  processNames: string[];
  /** `one_shot` = the agent is expected to end. */
  lifecycle: string;
  env: Env;
  /** Text to type once the agent is up. */
  nudge: string;
  /** Shell commands in the work directory before the agent starts. */
  preStart: string[];
  /** Shell commands once the agent runs, then the controller's script file, then what may be repeated. */
  sessionSetup: string[];
  sessionSetupScript: string;
  sessionLive: string[];
  /** Begin of the line by which the agent shows that it takes input; "" = unknown. */
  readyPromptPrefix: string;
  readyDelayMs: number;
  /** Controller's directories to put over the work directory, lowest priority first. */
  packOverlayDirs: string[];
  overlayDir: string;
  copyFiles: { src: string; relDst: string }[];
  /** gc gave hints about a living agent, so one that dies at once has failed to start. */
  isManaged: boolean;
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
    processNames: stringList(json, "process_names"),
    lifecycle: stringField(json, "lifecycle"),
    nudge: stringField(json, "nudge"),
    env: env as Env,
    preStart: stringList(json, "pre_start"),
    sessionSetup: stringList(json, "session_setup"),
    sessionSetupScript: stringField(json, "session_setup_script"),
    sessionLive: stringList(json, "session_live"),
    readyPromptPrefix: stringField(json, "ready_prompt_prefix"),
    readyDelayMs: milliseconds(json, "ready_delay_ms"),
    packOverlayDirs: stringList(json, "pack_overlay_dirs"),
    overlayDir: stringField(json, "overlay_dir"),
    copyFiles: copyFiles(json),
    isManaged: HINTS.some((name) => !isEmpty(json[name])),
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

/** Fields that upstream takes as a sign that gc manages the agent (contract, section 3). */
const HINTS = [
  "ready_prompt_prefix",
  "ready_delay_ms",
  "process_names",
  "nudge",
  "pre_start",
  "session_setup",
  "session_setup_script",
  "session_live",
];

function isEmpty(value: unknown): boolean {
  return !value || (Array.isArray(value) && value.length === 0);
}

function stringList(json: Record<string, unknown>, name: string): string[] {
  const value = json[name] ?? [];
  if (!Array.isArray(value)) throw badField(name, "a list of texts without NUL");
  return value.map((_, index) => stringField(value as unknown as Record<string, unknown>, String(index)));
}

function milliseconds(json: Record<string, unknown>, name: string): number {
  const value = json[name] ?? 0;
  if (typeof value !== "number" || !(value >= 0 && value <= 600_000)) throw badField(name, "milliseconds up to 600000");
  return value;
}

function copyFiles(json: Record<string, unknown>): StartConfig["copyFiles"] {
  const value = json["copy_files"] ?? [];
  if (!Array.isArray(value)) throw badField("copy_files", "a list of objects");
  return value.map((entry: unknown) => {
    if (entry === null || typeof entry !== "object") throw badField("copy_files", "a list of objects");
    const fields = entry as Record<string, unknown>;
    const relDst = stringField(fields, "rel_dst");
    if (relDst.split("/").includes("..")) throw badField("copy_files", "inside the workspace");
    return { src: stringField(fields, "src"), relDst };
  });
}

function badField(name: string, expected: string): UsageError {
  return new UsageError(`Cannot use the start configuration: ${name} must be ${expected}`);
}
