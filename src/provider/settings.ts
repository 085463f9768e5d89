import { UsageError } from "./errors.ts";
import { readSettingsFile } from "./settings-file.ts";
import { type SettingName, type SettingRow, settingRows } from "./settings-table.ts";

/** Where a value comes from: the environment, the settings file's path, or the default. */
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

/** Settings of which one alone would mean half of an address. */
const TOGETHER: [SettingName, SettingName][] = [["GC_K8S_DOLT_HOST", "GC_K8S_DOLT_PORT"]];

/** Reads all settings: environment > `gc-k8s.toml` beside `calledAs` > default. Each value given is checked here,
 * so that a bad one is refused before anything is created; throws `UsageError` naming the setting and its origin. */
export function readSettings(calledAs: string, env: Record<string, string | undefined>): Settings {
  const file = readSettingsFile(calledAs, env);
  const known = new Set((Object.keys(settingRows) as SettingName[]).map(keyOf));
  const unknown = Object.keys(file?.values ?? {}).find((key) => !known.has(key));
  if (unknown !== undefined)
    throw new UsageError(`Cannot use the settings file "${file?.path}": "${unknown}" is no setting`);
  const values = new Map<SettingName, SettingValue>();
  for (const name of Object.keys(settingRows) as SettingName[]) {
    const row: SettingRow = settingRows[name];
    const fromFile = file?.values[keyOf(name)];
    const given: SettingValue | undefined = env[name]
      ? { value: env[name], origin: "environment" }
      : fromFile
        ? { value: fromFile, origin: file?.path ?? "" }
        : undefined;
    const problem = given && row.check?.(given.value);
    if (given && problem) throw new UsageError(`Cannot use ${name}="${given.value}" (${given.origin}): ${problem}`);
    values.set(name, given ?? { value: row.default, origin: "default" });
  }
  for (const [one, other] of TOGETHER) {
    const isGiven = (name: SettingName) => values.get(name)?.origin !== "default";
    if (isGiven(one) !== isGiven(other)) throw new UsageError(`requires both ${one} and ${other} when either is set`);
  }
  const describe = (name: SettingName): SettingValue => values.get(name) ?? { value: "", origin: "default" };
  return { describe, get: (name) => describe(name).value };
}

/** `GC_K8S_CPU_REQUEST` → `cpu_request`, the key in the settings file. */
export function keyOf(name: SettingName): string {
  return name.replace(PREFIX, "").toLowerCase();
}

const PREFIX = "GC_K8S_";
