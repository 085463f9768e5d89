import { CLAIM_HOME } from "../pod/home.ts";
import { CLAUDE_SECRET_DIR } from "../pod/volumes.ts";
import { isDnsName, isLabelValue, isQualifiedName, isSecretKey, isVariableName } from "./kubernetes-syntax.ts";
import type { Check } from "./setting-checks.ts";

/** Says what is wrong with one entry of a JSON object, or undefined. */
type EntryCheck = (key: string, value: unknown) => string | undefined;

const isText = (value: unknown) => typeof value === "string";
/** Fields of a toleration, and what each may be. */
const TOLERATION_FIELDS: Record<string, (value: unknown) => boolean> = {
  key: isText,
  operator: (value) => ["Exists", "Equal", "Lt", "Gt"].includes(value as string),
  value: isText,
  effect: (value) => ["", "NoSchedule", "PreferNoSchedule", "NoExecute"].includes(value as string),
  tolerationSeconds: Number.isInteger,
};
const AFFINITY_FIELDS = ["nodeAffinity", "podAffinity", "podAntiAffinity"];

/** A JSON object of labels, such as a node selector. */
export const labelsJson = objectJson((key, value) => {
  if (!isQualifiedName(key)) return `"${key}" is no label name`;
  return typeof value === "string" && isLabelValue(value) ? undefined : `the value of "${key}" is no label value`;
});

/** A JSON object of annotations. */
export const annotationsJson = objectJson((key, value) => {
  if (!isQualifiedName(key)) return `"${key}" is no annotation name`;
  return typeof value === "string" ? undefined : `the value of "${key}" is no text`;
});

/** A JSON object: variable → `secret/key`. A bad entry is not told, for it may be the secret itself. */
export const variableReferences = objectJson((key, value) => {
  if (!isVariableName(key)) return "a variable's name is none that a shell can hold";
  return isReference(value, true) ? undefined : `the value of ${key} must be SECRET_NAME/KEY`;
});

/** A JSON object: path → `secret` or `secret/key`. */
export const fileReferences = objectJson((key, value) => {
  if (!isMountPath(key))
    return "a path must be absolute, without '..' or ':', and outside of the box's own directories";
  return isReference(value, false) ? undefined : "a value must be SECRET_NAME or SECRET_NAME/KEY";
});

/** A JSON list of tolerations. */
export const tolerationsJson: Check = (text) => {
  const list = parseJson(text);
  if (!Array.isArray(list)) return "must be JSON: a list";
  for (const each of list) {
    if (!isObject(each)) return "must be JSON: a list of objects";
    for (const [field, value] of Object.entries(each)) {
      if (!Object.hasOwn(TOLERATION_FIELDS, field))
        return `must be JSON: a list of tolerations; "${field}" is no field of one`;
      if (!TOLERATION_FIELDS[field]?.(value))
        return `must be JSON: a list of tolerations; ${field} cannot be ${JSON.stringify(value).slice(0, 40)}`;
    }
  }
  return undefined;
};

/** A JSON object with an affinity; `null` = none. */
export const affinityJson: Check = (text) => {
  const value = parseJson(text);
  if (value === null) return undefined;
  if (!isObject(value)) return "must be JSON: an object or null";
  const unknown = Object.keys(value).find((field) => !AFFINITY_FIELDS.includes(field));
  return unknown === undefined ? undefined : `must be JSON: an affinity; "${unknown}" is no field of one`;
};

/** Same check for a JSON object, but some keys are taken. */
export function withoutKeys(taken: readonly string[], check: Check): Check {
  return (text) => {
    const problem = check(text);
    const key = problem ? undefined : Object.keys(parseJson(text) as object).find((each) => taken.includes(each));
    return key === undefined ? problem : `must be other than "${key}", which belongs to gc-k8s`;
  };
}

function objectJson(entry: EntryCheck): Check {
  return (text) => {
    const value = parseJson(text);
    if (!isObject(value)) return "must be JSON: an object";
    for (const [key, each] of Object.entries(value)) {
      const problem = entry(key, each);
      if (problem) return `must be right in every entry: ${problem}`;
    }
    return undefined;
  };
}

function isReference(value: unknown, needsKey: boolean): boolean {
  if (typeof value !== "string") return false;
  const [name = "", key, ...rest] = value.split("/");
  return rest.length === 0 && isDnsName(name) && (key === undefined ? !needsKey : isSecretKey(key));
}

/** What a box is made of must stay as it is; a directory inside the workspace may be anyone's. */
function isMountPath(path: string): boolean {
  if (!path.startsWith("/") || path.includes(":") || path !== `/${path.split("/").filter(Boolean).join("/")}`)
    return false;
  if (path.split("/").some((part) => part === "." || part === "..")) return false;
  const taken = ["/", "/workspace", "/run", "/tmp", CLAUDE_SECRET_DIR, CLAIM_HOME];
  return !taken.includes(path) && !`${path}/`.startsWith("/run/gc/");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
