/** One case: what is set, and what the API server makes of it. */
export interface SettingCase {
  title: string;
  env?: Record<string, string>;
  /** YAML of the pod template. */
  template?: string;
  /** Environment of the start configuration. */
  start?: Record<string, string>;
  /** Where to look in the pod that the server returns, and what stands exactly there. */
  field?: [path: string[], value: unknown];
  /** Part of the one line that refuses it; `TEMPLATE` stands for the template's path. */
  refusal?: string;
  /** Namespace with this level of Pod Security instead of one without. */
  level?: "restricted" | "baseline";
}

/** Path of the agent's container. */
export const AGENT = ["spec", "containers", "agent"];

/** Follows a path; in a list, a word selects the entry that it names. */
export function fieldAt(pod: unknown, path: string[]): unknown {
  return path.reduce<unknown>((value, word) => {
    if (Array.isArray(value)) return value.find((entry) => NAMES.some((name) => entry?.[name] === word));
    return (value as Record<string, unknown> | undefined)?.[word];
  }, pod);
}

const NAMES = ["name", "mountPath", "key", "ip", "topologyKey"];
