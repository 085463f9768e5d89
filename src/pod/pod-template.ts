import { changedField } from "./protected-fields.ts";
import { isObject, type JsonObject, PatchError, strategicMerge } from "./strategic-merge.ts";

/** One part of a template file: a patch, and the agents that it is for. */
export interface TemplateSection {
  /** As errors name it; "" for a file without sections. */
  title: string;
  /** Pattern of agents' names; undefined = all agents. */
  agents: string | undefined;
  patch: JsonObject;
}

const POD_FIELDS = ["apiVersion", "kind", "metadata", "spec", "template"];

/** Sections of a parsed template file, in the order in which they are applied: either `default` and `agents` (pattern →
 * section), or one section for all. A section is a pod, a PodTemplate, or the spec of a pod. Throws `PatchError`. */
export function templateSections(file: unknown): TemplateSection[] {
  if (file === null || file === undefined) return [];
  if (!isObject(file)) throw new PatchError("it must be a YAML object");
  if (!("default" in file) && !("agents" in file)) return [section("", undefined, file)];
  const stray = Object.keys(file).find((key) => key !== "default" && key !== "agents");
  if (stray !== undefined) throw new PatchError(`"${stray}" cannot stand beside default and agents`);
  const agents = file["agents"] ?? {};
  if (!isObject(agents)) throw new PatchError("agents must be an object: name or pattern → section");
  return [
    section("default", undefined, file["default"]),
    ...Object.entries(agents).map(([pattern, value]) => section(`agents "${pattern}"`, pattern, value)),
  ];
}

/** The pod with every section that is for `agentName` merged into it. Throws `PatchError` when a section would change what
 * makes the pod a box. */
export function applyTemplate(pod: JsonObject, sections: TemplateSection[], agentName: string): JsonObject {
  return sections
    .filter(({ agents }) => agents === undefined || patternOf(agents).test(agentName))
    .reduce((merged, { title, patch }) => inSection(title, () => mergeSection(merged, patch)), pod);
}

function mergeSection(pod: JsonObject, patch: JsonObject): JsonObject {
  const merged = strategicMerge(pod, patch);
  const changed = changedField(pod, merged);
  if (changed) throw new PatchError(`it changes what belongs to gc-k8s: ${changed}`);
  return merged;
}

function section(title: string, agents: string | undefined, value: unknown): TemplateSection {
  return { title, agents, patch: inSection(title, () => podPatch(value)) };
}

function podPatch(value: unknown): JsonObject {
  if (value === null || value === undefined) return {};
  if (!isObject(value)) throw new PatchError("it must be a pod, a PodTemplate, or the spec of a pod");
  if (value["template"] !== undefined) return podPatch(value["template"]);
  if (!POD_FIELDS.some((field) => field in value)) return { spec: value };
  const stray = Object.keys(value).find((key) => !POD_FIELDS.includes(key));
  if (stray !== undefined) throw new PatchError(`"${stray}" is no field of a pod`);
  return value;
}

/** `*` stands for any text, `?` for one character: names of agents hold slashes as a matter of course. */
function patternOf(agents: string): RegExp {
  const source = agents.split(/([*?])/).map((part) => WILDCARDS[part] ?? RegExp.escape(part));
  return new RegExp(`^${source.join("")}$`, "su");
}

const WILDCARDS: Record<string, string> = { "*": ".*", "?": "." };

function inSection<T>(title: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof PatchError) || !title) throw error;
    throw new PatchError(`${title}: ${error.message}`);
  }
}
