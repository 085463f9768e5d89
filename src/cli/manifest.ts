import { isObject } from "../pod/strategic-merge.ts";

/** A Kubernetes object as a manifest has it. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [field: string]: unknown;
}

/** Objects of the text of one file: Bun gives several documents as a list. */
export function readManifests(text: string): Manifest[] {
  const content: unknown = Bun.YAML.parse(text);
  const documents = Array.isArray(content) ? content : [content];
  // A copy without anchors: what two places shared is two things from here on.
  return JSON.parse(JSON.stringify(documents.filter((document) => document !== null))) as Manifest[];
}

/** The same value with every object in it, from the outermost, as `change` makes it; lists and the rest stay. */
export function mapObjects(
  value: unknown,
  change: (object: Record<string, unknown>) => Record<string, unknown>,
): unknown {
  if (Array.isArray(value)) return value.map((each) => mapObjects(each, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(change(value)).map(([key, each]) => [key, mapObjects(each, change)]));
}

/** The objects as one YAML text that `kubectl apply -f -` takes. */
export function yamlOf(objects: object[]): string {
  return objects.map((object) => `---\n${Bun.YAML.stringify(object, null, 2)}\n`).join("");
}
