import { must } from "./setting-checks.ts";

const LABEL_PART = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** RFC 1123 label, such as a namespace. */
export const dnsLabel = must("lower-case letters, digits and '-', at most 63 characters", isDnsLabel);

/** RFC 1123 subdomain, such as a secret's name. */
export const dnsName = must("a DNS name in lower case", isDnsName);

/** Several of them. */
export const dnsNames = must("DNS names, separated by commas", (value) =>
  value.split(",").every((name) => isDnsName(name.trim())),
);

/** Grammar of resource.Quantity (k8s.io/apimachinery/pkg/api/resource). */
export const quantity = must("a quantity such as 500m, 2 or 1Gi", (value) => QUANTITY.test(value));

const QUANTITY = /^(\d+(?:\.\d*)?)([eE][-+]?\d+|[numkMGTPE]|[KMGTPE]i)?$/;
const DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** Value of a quantity, for comparing two of them. */
export function quantityValue(text: string): number {
  const [, number = "", suffix = ""] = QUANTITY.exec(text) ?? [];
  if (/^[eE][-+\d]/.test(suffix)) return Number(`${number}${suffix}`);
  const binary = BINARY.indexOf(suffix);
  return Number(number) * (binary > 0 ? 1024 ** binary : 1000 ** (DECIMAL.indexOf(suffix) - DECIMAL.indexOf("")));
}

/** RFC 1123 label. */
export function isDnsLabel(text: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text);
}

/** RFC 1123 subdomain. */
export function isDnsName(text: string): boolean {
  return text.length <= 253 && text.split(".").every(isDnsLabel);
}

/** Name of a label or an annotation: an optional DNS name, then at most 63 characters. */
export function isQualifiedName(text: string): boolean {
  const [name = "", prefix] = text.split("/").reverse();
  return text.split("/").length <= 2 && LABEL_PART.test(name) && (prefix === undefined || isDnsName(prefix));
}

/** Value of a label. */
export function isLabelValue(text: string): boolean {
  return text === "" || LABEL_PART.test(text);
}

/** Key of a secret. */
export function isSecretKey(text: string): boolean {
  return /^[-._A-Za-z0-9]{1,253}$/.test(text) && text !== "." && !text.startsWith("..");
}

/** Name of a variable that a shell can hold. */
export function isVariableName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
}
