import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { KubeconfigError, systemErrorCode } from "./kubeconfig-error.ts";
import {
  clusterFields,
  contextFields,
  decodeFields,
  decodeNamed,
  decodeText,
  type Fields,
  isMapping,
  userFields,
} from "./kubeconfig-fields.ts";

/** A context, cluster or user with the file that defines it. */
export interface Entry<Value> {
  readonly name: string;
  readonly file: string;
  readonly value: Value;
}

/** The fields of a cluster under their wire names. */
export type Cluster = Fields<typeof clusterFields>;
/** The fields of a user under their wire names. */
export type User = Fields<typeof userFields>;
/** The fields of a context under their wire names. */
export type Context = Fields<typeof contextFields>;

/** One or more kubeconfig files as one: for every name the first file that has it wins as a whole. */
export interface Kubeconfig {
  /** The files that were looked for, in order of precedence. */
  readonly files: readonly string[];
  readonly currentContext: string | undefined;
  readonly contexts: ReadonlyMap<string, Entry<Context>>;
  readonly clusters: ReadonlyMap<string, Entry<Cluster>>;
  readonly users: ReadonlyMap<string, Entry<User>>;
}

/**
 * Reads the explicit file, or else the files of KUBECONFIG, or else ~/.kube/config, as kubectl does.
 * Only a missing explicit file is an error; a file that cannot be read or understood always is one (KubeconfigError).
 */
export function loadKubeconfig(explicitFile: string | undefined, env: Record<string, string | undefined>): Kubeconfig {
  const files = explicitFile ? [explicitFile] : kubeconfigFiles(env);
  const contexts = new Map<string, Entry<Context>>();
  const clusters = new Map<string, Entry<Cluster>>();
  const users = new Map<string, Entry<User>>();
  let currentContext: string | undefined;
  for (const file of files) {
    const text = readKubeconfig(file, explicitFile !== undefined);
    if (text === undefined) continue;
    const content = parseKubeconfig(text, file);
    addEntries(contexts, content["contexts"], "context", contextFields, file);
    addEntries(clusters, content["clusters"], "cluster", clusterFields, file);
    addEntries(users, content["users"], "user", userFields, file);
    currentContext ||= decodeText(content["current-context"] ?? "", `Kubeconfig "${file}": current-context`);
  }
  return { files, currentContext: currentContext || undefined, contexts, clusters, users };
}

/** A path written in a kubeconfig: relative ones start at the folder of the file that has them. */
export function resolvePath(entry: Entry<unknown>, path: string): string {
  return resolve(dirname(entry.file), path);
}

/** The text of a file that a kubeconfig names. Throws KubeconfigError that says which field of which entry named it. */
export function readNamedFile(path: string, where: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new KubeconfigError(`${where}: cannot read "${path}" (${systemErrorCode(error)})`, { cause: error });
  }
}

function kubeconfigFiles(env: Record<string, string | undefined>): string[] {
  if (!env["KUBECONFIG"]) return [join(env["HOME"] ?? "", ".kube", "config")];
  return [...new Set(env["KUBECONFIG"].split(":"))].filter((file) => file !== "");
}

function readKubeconfig(file: string, mustExist: boolean): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT" && !mustExist) return undefined;
    throw new KubeconfigError(`Cannot read kubeconfig "${file}" (${code}): correct the path or the file's rights`, {
      cause: error,
    });
  }
}

function parseKubeconfig(text: string, file: string): Record<string, unknown> {
  const content = firstDocument(parseYaml(text, file)) ?? {};
  if (!isMapping(content))
    throw new KubeconfigError(`Kubeconfig "${file}" is not a mapping: it must be of kind Config`);
  if ((content["apiVersion"] ?? "v1") !== "v1" || (content["kind"] ?? "Config") !== "Config") {
    throw new KubeconfigError(`Kubeconfig "${file}" is not of apiVersion v1 and kind Config`);
  }
  return content;
}

function parseYaml(text: string, file: string): unknown {
  try {
    return Bun.YAML.parse(text);
  } catch (error) {
    // The parser's own message is left out because it may quote a line, and so a secret.
    if (!(error instanceof Error)) throw error;
    throw new KubeconfigError(`Kubeconfig "${file}" is not valid YAML: check it with kubectl config view`);
  }
}

// Bun gives the documents of a stream as a list; kubectl reads the first one.
function firstDocument(content: unknown): unknown {
  return Array.isArray(content) ? content[0] : content;
}

function addEntries<Table extends Parameters<typeof decodeFields>[1]>(
  entries: Map<string, Entry<Fields<Table>>>,
  list: unknown,
  key: string,
  table: Table,
  file: string,
): void {
  for (const [name, value] of decodeNamed(list, key, `Kubeconfig "${file}": ${key}s`)) {
    const fields = decodeFields(value, table, `Kubeconfig "${file}": ${key} "${name}"`);
    if (!entries.has(name)) entries.set(name, { name, file, value: fields });
  }
}
