/** A value as JSON or YAML has it. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** An object of them. */
export interface JsonObject {
  [key: string]: Json;
}

/** A patch that cannot be applied; the message begins with the field. */
export class PatchError extends Error {
  override name = "PatchError";
}

/** Lists of a pod that are merged entry by entry, and the field that tells their entries apart, as the API's own types
 * declare it (`patchMergeKey` in k8s.io/api/core/v1). Every other list is replaced as a whole. */
const MERGE_KEYS: Record<string, string> = {
  containers: "name",
  initContainers: "name",
  ephemeralContainers: "name",
  env: "name",
  ports: "containerPort",
  volumes: "name",
  volumeMounts: "mountPath",
  volumeDevices: "devicePath",
  imagePullSecrets: "name",
  hostAliases: "ip",
  topologySpreadConstraints: "topologyKey",
  resourceClaims: "name",
  schedulingGates: "name",
};

/** Applies a strategic merge patch to an object of a pod, as `kubectl patch` does; neither is changed.
 * New entries of a list come after those that are there. `field` is told in errors. */
export function strategicMerge(original: JsonObject, patch: JsonObject, field = ""): JsonObject {
  const { $patch: directive, $retainKeys: retained, ...fields } = patch;
  if (directive === "delete") return {};
  if (directive === "replace") return withoutNulls(fields, field);
  if (directive !== undefined) throw new PatchError(`${join(field, "$patch")} must be replace or delete`);
  const merged = { ...original };
  if (Array.isArray(retained)) for (const key of Object.keys(merged)) if (!retained.includes(key)) delete merged[key];
  for (const [key, value] of Object.entries(fields)) {
    const path = join(field, key);
    if (key.startsWith("$")) throw new PatchError(`${path} is no directive that is known here`);
    if (value === null) delete merged[key];
    else merged[key] = mergeValue(merged[key], value, key, path);
  }
  return merged;
}

function mergeValue(original: Json | undefined, value: Json, key: string, path: string): Json {
  const mergeKey = Object.hasOwn(MERGE_KEYS, key) ? MERGE_KEYS[key] : undefined;
  if (Array.isArray(value) && mergeKey)
    return mergeList(Array.isArray(original) ? original : [], value, mergeKey, path);
  if (isObject(value) && isObject(original)) return strategicMerge(original, value, path);
  return isObject(value) ? strategicMerge({}, value, path) : value;
}

function mergeList(original: Json[], patch: Json[], mergeKey: string, path: string): Json[] {
  const replaces = patch.some((entry) => isObject(entry) && entry["$patch"] === "replace");
  const merged = replaces ? [] : [...original];
  for (const entry of patch) {
    if (!isObject(entry)) throw new PatchError(`${path} must be a list of objects`);
    const { $patch: directive, ...fields } = entry;
    if (directive === "replace" && Object.keys(fields).length === 0) continue;
    const id = entry[mergeKey];
    if (id === undefined || id === null || typeof id === "object")
      throw new PatchError(`${path}: an entry has no "${mergeKey}", by which entries are told apart`);
    const at = merged.findIndex((each) => isObject(each) && String(each[mergeKey]) === String(id));
    const entryPath = `${path}[${id}]`;
    if (directive === "delete") merged.splice(at, at < 0 ? 0 : 1);
    else if (at < 0) merged.push(withoutNulls(fields, entryPath));
    else merged[at] = strategicMerge(merged[at] as JsonObject, directive === "replace" ? fields : entry, entryPath);
  }
  return merged;
}

/** What is new holds nothing that could be deleted; its directives are obeyed all the same. */
function withoutNulls(value: JsonObject, field: string): JsonObject {
  return strategicMerge({}, value, field);
}

/** True for an object that is no list. */
export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function join(field: string, key: string): string {
  return field ? `${field}.${key}` : key;
}
