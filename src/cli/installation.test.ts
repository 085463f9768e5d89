import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { installation } from "./installation.ts";
import { type Manifest, readManifests } from "./manifest.ts";

const deploy = join(import.meta.dir, "../../deploy");
const place = { namespace: "cities", city: "blue" };

/** Programs of ours that run in the cluster: CronJobs of a city. */
function cleanUp(images: Record<string, string>): Manifest[] {
  const objects = installation(place, { images, storageClass: "" });
  return objects.filter(({ kind, metadata }) => kind === "CronJob" && metadata.annotations !== undefined);
}

test("an installation is everything that stands in deploy/", () => {
  const written = readdirSync(deploy).flatMap((name) => readManifests(readFileSync(join(deploy, name), "utf8")));
  const made = installation(place, { images: {}, storageClass: "" }).map(
    ({ kind, metadata }) => `${kind}/${metadata.labels?.["app.kubernetes.io/name"]}`,
  );
  expect(written.length).toBeGreaterThan(20);
  for (const { kind, metadata } of written) expect(made).toContain(`${kind}/${metadata.name}`);
});

test("clean-up is one CronJob for each of beads, events and pods, of the city and alike", () => {
  const names = ["gc-beads-purge-blue", "gc-events-prune-blue", "gc-reap-blue"];
  expect(cleanUp({}).map((object) => [object.metadata.name, suspended(object)])).toEqual(
    names.map((name) => [name, true]),
  );
  const withImage = cleanUp({ "gc-k8s": "r.example/gc-k8s:1" });
  expect(withImage.map((object) => [object.metadata.name, suspended(object)])).toEqual(
    names.map((name) => [name, undefined]),
  );
  for (const object of withImage) {
    const text = JSON.stringify(object);
    expect(text).toContain('"image":"r.example/gc-k8s:1"');
    expect(text).toContain('{"name":"GC_K8S_CITY","value":"blue"}');
  }
});

function suspended(object: Manifest): unknown {
  return (object["spec"] as { suspend?: boolean }).suspend;
}
