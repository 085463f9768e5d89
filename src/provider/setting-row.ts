/** One setting: an environment variable and, without its prefix in lower case, a key of `gc-k8s.toml`. */
export interface SettingRow {
  /** Used when neither environment nor file gives a value; "" = unset. `<namespace>` in it is the city's. */
  default: string;
  /** One sentence for docs/settings.md and `gc-k8s settings`. */
  help: string;
  /** Says what is wrong with a value, or undefined. */
  check?: (value: string) => string | undefined;
  /** The value names secrets; a bad one may be a secret itself by mistake, so no error shows it. */
  isConfidential?: boolean;
}

/** Settings of one subject, by name. */
export type SettingRows = Record<string, SettingRow>;
