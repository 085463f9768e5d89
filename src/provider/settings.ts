import { UsageError } from "./errors.ts";
import { combinationProblem } from "./setting-combinations.ts";
import type { SettingRow } from "./setting-row.ts";
import { readSettingsFile, type SettingsFile } from "./settings-file.ts";
import { type SettingName, settingRows } from "./settings-table.ts";

/** Where a value comes from: an option of the command line, the environment, the settings file's path, or the default. */
export interface SettingValue {
  value: string;
  origin: string;
}

/** Every setting with its value; the empty string means unset, as gc's own variables do. */
export interface Settings {
  /** The value as text; "" when unset. */
  get(name: SettingName): string;
  /** Value and origin, for people. */
  describe(name: SettingName): SettingValue;
}

/** Settings that stand on the command line, with the option as origin. */
export type OptionSettings = Partial<Record<SettingName, SettingValue>>;

/** Names of all settings, in the order of their table. */
export const settingNames = Object.keys(settingRows) as SettingName[];

/** Reads all settings: option > environment > `gc-k8s.toml` beside `calledAs` > default. Each value given is checked here,
 * so that a bad one is refused before anything is created; throws `UsageError` naming the setting and its origin. */
export function readSettings(
  calledAs: string,
  env: Record<string, string | undefined>,
  options: OptionSettings = {},
): Settings {
  const file = readSettingsFile(calledAs, env);
  if (file) refuseUnknown(file);
  const values = new Map<SettingName, SettingValue>();
  for (const name of settingNames) {
    const row: SettingRow = settingRows[name];
    const fromFile = file?.values[keyOf(name)];
    const given: SettingValue | undefined =
      options[name] ??
      (env[name] ? { value: env[name], origin: "environment" } : undefined) ??
      (fromFile ? { value: fromFile, origin: file?.path ?? "" } : undefined);
    const problem = given && row.check?.(given.value);
    if (given && problem) throw badSetting(name, given, problem);
    // The namespace is the table's first row, so that it is known to all that follow.
    const value = row.default.replace("<namespace>", () => values.get("GC_K8S_NAMESPACE")?.value ?? "");
    values.set(name, given ?? { value, origin: "default" });
  }
  const describe = (name: SettingName): SettingValue => values.get(name) ?? { value: "", origin: "default" };
  const problem = combinationProblem(describe);
  if (problem) throw new UsageError(problem);
  return { describe, get: (name) => describe(name).value };
}

function refuseUnknown({ path, values }: SettingsFile): void {
  const known = new Set(settingNames.map(keyOf));
  const unknown = Object.keys(values).find((key) => !known.has(key));
  if (unknown !== undefined) throw new UsageError(`Cannot use the settings file "${path}": "${unknown}" is no setting`);
}

/** The error of a value that cannot be used: one line that names setting and origin. */
export function badSetting(name: SettingName, { value, origin }: SettingValue, problem: string): UsageError {
  const row: SettingRow = settingRows[name];
  const shown = row.isConfidential ? "" : `="${value}"`;
  return new UsageError(`Cannot use ${name}${shown} (${origin}): ${problem}`);
}

/** `GC_K8S_CPU_REQUEST` → `cpu_request`, the key in the settings file. */
export function keyOf(name: SettingName): string {
  return name.replace(PREFIX, "").toLowerCase();
}

const PREFIX = "GC_K8S_";
