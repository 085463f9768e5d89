import { KubeconfigError } from "./kubeconfig-error.ts";

interface FieldTypes {
  text: string;
  flag: boolean;
  /** Base64 in the file, its decoded text here. */
  data: string;
  texts: string[];
  textsByName: Record<string, string[]>;
  environment: { name: string; value: string }[];
  extensions: Record<string, unknown>;
  exec: Fields<typeof execFields>;
  unread: unknown;
}

type FieldTable = Record<string, keyof FieldTypes>;

/** An object of a kubeconfig under its wire names; a field that is absent, null, empty text or an empty list is left out. */
export type Fields<Table extends FieldTable> = { readonly [Name in keyof Table]?: FieldTypes[Table[Name]] };

/** The fields of a context. */
export const contextFields = { cluster: "text", user: "text", namespace: "text" } as const;

/** The fields of a cluster. */
export const clusterFields = {
  server: "text",
  "tls-server-name": "text",
  "insecure-skip-tls-verify": "flag",
  "certificate-authority": "text",
  "certificate-authority-data": "data",
  "proxy-url": "text",
  "disable-compression": "flag",
  extensions: "extensions",
} as const;

/** The fields of a user. */
export const userFields = {
  "client-certificate": "text",
  "client-certificate-data": "data",
  "client-key": "text",
  "client-key-data": "data",
  token: "text",
  tokenFile: "text",
  as: "text",
  "as-uid": "text",
  "as-groups": "texts",
  "as-user-extra": "textsByName",
  username: "text",
  password: "text",
  "auth-provider": "unread",
  exec: "exec",
} as const;

/** The fields of a user's exec credential plugin. */
export const execFields = {
  command: "text",
  args: "texts",
  env: "environment",
  apiVersion: "text",
  installHint: "text",
  provideClusterInfo: "flag",
  interactiveMode: "text",
} as const;

/** Whether the value is a mapping: an object that is no list. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The named fields of a mapping, each checked against its kind; other fields are ignored. Throws KubeconfigError with `where` in it. */
export function decodeFields<Table extends FieldTable>(value: unknown, table: Table, where: string): Fields<Table> {
  if (value === undefined || value === null) return {};
  if (!isMapping(value)) throw wrongType(where, "a mapping");
  const fields: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(table)) {
    const field = value[name];
    if (field === undefined || field === null) continue;
    const decoded = decodeField(field, kind, `${where}: ${name}`);
    if (decoded !== "" && !(Array.isArray(decoded) && decoded.length === 0)) fields[name] = decoded;
  }
  // Each field was decoded as the kind that the table gives it, which a type cannot follow through Object.entries.
  return fields as Fields<Table>;
}

function decodeField(value: unknown, kind: keyof FieldTypes, where: string): unknown {
  switch (kind) {
    case "text":
      return decodeText(value, where);
    case "flag":
      return decodeFlag(value, where);
    case "data":
      return decodeData(decodeText(value, where), where);
    case "texts":
      return decodeList(value, where).map((item) => decodeText(item ?? "", where));
    case "textsByName":
      return decodeTextsByName(value, where);
    case "environment":
      return decodeList(value, where).map((item) => decodeVariable(item, where));
    case "extensions":
      return Object.fromEntries(decodeNamed(value, "extension", where));
    case "exec":
      return decodeFields(value, execFields, where);
    case "unread":
      return value;
  }
}

/** The entries of a list of `{name, <key>}` mappings, in order; an entry without a name has the name "". Refuses a name twice. */
export function decodeNamed(value: unknown, key: string, where: string): Map<string, unknown> {
  const entries = new Map<string, unknown>();
  for (const item of decodeList(value ?? [], where)) {
    if (!isMapping(item)) throw wrongType(where, "a list of mappings");
    const name = decodeText(item["name"] ?? "", `${where}: name`);
    if (entries.has(name)) throw new KubeconfigError(`${where} names "${name}" twice: remove one of them`);
    entries.set(name, item[key]);
  }
  return entries;
}

/** The value if it is a string. Throws KubeconfigError with `where` in it, never the value: it may be a secret. */
export function decodeText(value: unknown, where: string): string {
  if (typeof value !== "string") throw wrongType(where, "text (quote it)");
  return value;
}

// kubectl reads YAML 1.1, where these words are booleans.
function decodeFlag(value: unknown, where: string): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "string" && /^(y|yes|on)$/i.test(value)) return true;
  if (typeof value === "string" && /^(n|no|off)$/i.test(value)) return false;
  throw wrongType(where, "true or false");
}

function decodeData(value: string, where: string): string {
  const base64 = value.replace(/[\r\n]/g, "");
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) throw wrongType(where, "base64");
  return Buffer.from(base64, "base64").toString();
}

function decodeList(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw wrongType(where, "a list");
  return value;
}

function decodeTextsByName(value: unknown, where: string): Record<string, string[]> {
  if (!isMapping(value)) throw wrongType(where, "a mapping of lists");
  const lists: Record<string, string[]> = {};
  for (const [name, list] of Object.entries(value)) {
    lists[name] = decodeList(list ?? [], `${where}: ${name}`).map((item) =>
      decodeText(item ?? "", `${where}: ${name}`),
    );
  }
  return lists;
}

function decodeVariable(value: unknown, where: string): { name: string; value: string } {
  if (!isMapping(value)) throw wrongType(where, "a list of mappings");
  return { name: decodeText(value["name"] ?? "", where), value: decodeText(value["value"] ?? "", where) };
}

function wrongType(where: string, expected: string): KubeconfigError {
  return new KubeconfigError(`${where} is not ${expected}`);
}
