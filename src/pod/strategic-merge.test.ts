import { expect, test } from "bun:test";
import { type JsonObject, strategicMerge } from "./strategic-merge.ts";

const POD: JsonObject = {
  metadata: { labels: { a: "1", b: "2" } },
  spec: {
    containers: [
      {
        name: "agent",
        image: "one",
        env: [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ],
        ports: [{ containerPort: 80 }],
        command: ["x", "y"],
        resources: { limits: { cpu: "1", memory: "1Gi" } },
      },
    ],
    tolerations: [{ key: "a" }],
    volumes: [{ name: "ws", emptyDir: { medium: "Memory" } }],
  },
};

/** Title, patch, field to look at (dots and list indexes), what stands there afterwards. */
const CASES: [string, JsonObject, string, unknown][] = [
  ["a value replaces", { spec: { hostNetwork: true } }, "spec.hostNetwork", true],
  ["objects are merged", { metadata: { labels: { b: "3", c: "4" } } }, "metadata.labels", { a: "1", b: "3", c: "4" }],
  ["null deletes", { metadata: { labels: { a: null } } }, "metadata.labels", { b: "2" }],
  ["null deletes nothing where nothing is", { metadata: { labels: { z: null } } }, "metadata.labels.z", undefined],
  ["null deletes a whole list", { spec: { volumes: null } }, "spec.volumes", undefined],
  ["a new object holds no nulls", { spec: { dnsConfig: { a: null, b: { c: null } } } }, "spec.dnsConfig", { b: {} }],
  [
    "entries of a list are merged by their key",
    { spec: { containers: [{ name: "agent", env: [{ name: "B", value: "3" }] }] } },
    "spec.containers.0.env",
    [
      { name: "A", value: "1" },
      { name: "B", value: "3" },
    ],
  ],
  [
    "an entry of a new key comes last",
    { spec: { containers: [{ name: "agent", env: [{ name: "C", value: "3" }] }] } },
    "spec.containers.0.env.2",
    { name: "C", value: "3" },
  ],
  [
    "a number and its text are one key",
    container({ ports: [{ containerPort: "80", name: "web" }] }),
    "spec.containers.0.ports.length",
    1,
  ],
  ["a list without a key is replaced", { spec: { tolerations: [{ key: "b" }] } }, "spec.tolerations", [{ key: "b" }]],
  ["so are a command's words", container({ command: ["z"] }), "spec.containers.0.command", ["z"]],
  [
    "what is not named stays",
    container({ image: "two" }),
    "spec.containers.0.resources",
    { limits: { cpu: "1", memory: "1Gi" } },
  ],
  [
    "$patch: delete removes an entry",
    container({ env: [{ name: "A", $patch: "delete" }] }),
    "spec.containers.0.env",
    [{ name: "B", value: "2" }],
  ],
  [
    "$patch: delete of an entry that is not there",
    { spec: { volumes: [{ name: "x", $patch: "delete" }] } },
    "spec.volumes.length",
    1,
  ],
  [
    "$patch: delete empties an object",
    container({ resources: { $patch: "delete" } }),
    "spec.containers.0.resources",
    {},
  ],
  [
    "$patch: replace of an object",
    container({ resources: { $patch: "replace", requests: { cpu: "2" } } }),
    "spec.containers.0.resources",
    { requests: { cpu: "2" } },
  ],
  [
    "$patch: replace of a list",
    container({ env: [{ $patch: "replace" }, { name: "C", value: "3" }] }),
    "spec.containers.0.env",
    [{ name: "C", value: "3" }],
  ],
  [
    "$retainKeys leaves the others out",
    { spec: { volumes: [{ name: "ws", $retainKeys: ["name", "hostPath"], hostPath: { path: "/x" } }] } },
    "spec.volumes.0",
    { name: "ws", hostPath: { path: "/x" } },
  ],
  [
    "no directive stays in the result",
    { spec: { x: { $patch: "replace", y: { $patch: "replace", z: 1 } } } },
    "spec.x",
    { y: { z: 1 } },
  ],
  ["an object takes the place of a text", container({ image: { a: 1 } }), "spec.containers.0.image", { a: 1 }],
  [
    "a key that every object inherits is a key",
    { metadata: { labels: { constructor: "a" } } },
    "metadata.labels.constructor",
    "a",
  ],
];

test.each(CASES)("%s", (_, patch, path, expected) => {
  const before = JSON.stringify([POD, patch]);
  expect(at(strategicMerge(POD, patch), path)).toEqual(expected);
  expect(JSON.stringify([POD, patch])).toBe(before);
});

test.each<[string, JsonObject]>([
  ["spec.$patch must be replace or delete", { spec: { $patch: "remove" } }],
  ["spec.$setElementOrder/volumes is no directive that is known here", { spec: { "$setElementOrder/volumes": [] } }],
  ["spec.volumes must be a list of objects", { spec: { volumes: ["a"] } }],
  ['spec.volumes: an entry has no "name", by which entries are told apart', { spec: { volumes: [{ emptyDir: {} }] } }],
  [
    'spec.containers[agent].env: an entry has no "name", by which entries are told apart',
    container({ env: [{ value: "x" }] }),
  ],
])("refused: %s", (message, patch) => {
  expect(() => strategicMerge(POD, patch)).toThrow(message);
});

function container(fields: JsonObject): JsonObject {
  return { spec: { containers: [{ name: "agent", ...fields }] } };
}

function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value);
}
