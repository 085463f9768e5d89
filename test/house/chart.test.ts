import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installation } from "../../src/cli/installation.ts";
import { type Manifest, readManifests } from "../../src/cli/manifest.ts";

const chart = join(import.meta.dir, "../../charts/gc-k8s");
const place = { namespace: "cities", city: "blue" };
const DEFAULTS = Bun.YAML.parse(read("values.yaml")) as Record<string, string | boolean>;

test.each<[string, Record<string, string | boolean>]>([
  ["without values", {}],
  [
    "with every value",
    { city: "blue", image: "r.example/gc-k8s:1", doltImage: "r.example/dolt:2", storageClass: "fast" },
  ],
])("the chart renders to what gc-k8s install makes, %s", (_, given) => {
  const values = { ...DEFAULTS, city: "blue", ...given };
  const objects = ["templates/shared.yaml", "templates/city.yaml"].flatMap((path) =>
    readManifests(rendered(read(path), values)),
  );
  expect(byName(objects)).toEqual(byName(expected(values)));
});

test("another city of the namespace is a release without what they share", () => {
  const values = { ...DEFAULTS, shared: false };
  expect(rendered(read("templates/shared.yaml"), values).replace(/^#.*$/gm, "").trim()).toBe("");
  expect(readManifests(rendered(read("templates/city.yaml"), values))).toHaveLength(3);
});

test("a value that the schema has not is no value of the chart", () => {
  const { properties } = JSON.parse(read("values.schema.json")) as { properties: Record<string, unknown> };
  expect(
    Object.keys(properties)
      .filter((name) => name !== "global")
      .sort(),
  ).toEqual(Object.keys(DEFAULTS).sort());
});

function expected(values: Record<string, unknown>): Manifest[] {
  const text = (name: string) => String(values[name] ?? "");
  const images = { "gc-k8s": text("image"), "dolthub/dolt": text("doltImage"), "gc-beads": text("beadsImage") };
  const objects = installation(place, { images, storageClass: text("storageClass") });
  const own = objects.filter(
    ({ kind, metadata }) => kind !== "Namespace" && !/^gc-k8s-(city|parameters)/.test(metadata.name),
  );
  return own.map((object) => {
    const labels = { ...object.metadata.labels, "app.kubernetes.io/managed-by": "Helm" };
    return { ...object, metadata: { ...object.metadata, labels } };
  });
}

/** Order is Helm's own, and a CronJob that is not suspended may say so. */
function byName(objects: Manifest[]): Record<string, Manifest> {
  const plain = objects.map((object) => {
    const { suspend, ...spec } = (object["spec"] ?? {}) as { suspend?: boolean };
    return object["spec"] ? { ...object, spec: { ...spec, ...(suspend && { suspend }) } } : object;
  });
  return Object.fromEntries(plain.map((object) => [`${object.kind}/${object.metadata.name}`, object]));
}

/** The few words of Helm's language that the chart uses; any other makes the test fail. */
function rendered(text: string, values: Record<string, unknown>): string {
  const known: Record<string, unknown> = { ".Release.Namespace": place.namespace, ".Release.Service": "Helm" };
  const given = (path = "") => known[path] ?? values[path.replace(".Values.", "")];
  return text
    .replace(/^ *\{\{- with (\S+) \}\}\n(.*)\n *\{\{- end \}\}\n/gm, (_, path: string, line: string) =>
      given(path) ? `${line.replace("{{ . | quote }}", JSON.stringify(given(path)))}\n` : "",
    )
    .replace(/\{\{- if (\S+) \}\}\n([\s\S]*)\{\{- end \}\}\n/, (_, path: string, body: string) =>
      given(path) ? body : "",
    )
    .replace(/\{\{ not (\S+) \}\}/g, (_, path: string) => String(!given(path)))
    .replace(/\{\{ (\S+) \| default ("[^"]*") \| quote \}\}/g, (_, path: string, otherwise: string) =>
      given(path) ? JSON.stringify(given(path)) : otherwise,
    )
    .replace(/\{\{ (\S+) \| quote \}\}/g, (_, path: string) => JSON.stringify(given(path)))
    .replace(/\{\{ (\S+) \}\}/g, (_, path: string) => String(given(path)));
}

function read(path: string): string {
  return readFileSync(join(chart, path), "utf8");
}
