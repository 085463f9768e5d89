import { expect, test } from "bun:test";
import { type BeadsRunnerInput, beadsRunner, runnerIdentity, runnerSpec } from "./beads-runner.ts";
import { runnerName } from "./runner-names.ts";

const INPUT: BeadsRunnerInput = {
  city: "Big City",
  namespace: "gc",
  image: "example/bd:1",
  imagePullPolicy: "IfNotPresent",
  imagePullSecrets: ["pull"],
  serviceAccount: "",
  dolt: { host: "dolt.gc.svc.cluster.local", port: "3307", user: "root", isEncrypted: true },
  doltSecret: "dolt",
  resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "2Gi" } },
  slots: 6,
};

test("the manifest is the golden one", async () => {
  const golden = await Bun.file(`${import.meta.dir}/testdata/beads-runner.yaml`).text();
  const manifest = JSON.parse(JSON.stringify(beadsRunner(INPUT))) as {
    spec: { template: { spec: { containers: { command: string[] }[] } } };
  };
  const [container] = manifest.spec.template.spec.containers;
  expect(container?.command.slice(0, 2)).toEqual(["/bin/sh", "-c"]);
  container?.command.splice(2, 1, "the script that is PID 1");
  expect(manifest as object).toEqual(Bun.YAML.parse(golden) as object);
});

test("whatever changes the pod changes its hash, and nothing else does", () => {
  const hash = runnerSpec(INPUT);
  expect(runnerSpec({ ...INPUT })).toBe(hash);
  expect(runnerSpec({ ...INPUT, image: "example/bd:2" })).not.toBe(hash);
  expect(runnerSpec({ ...INPUT, dolt: { ...INPUT.dolt, port: "3308" } })).not.toBe(hash);
  expect(runnerSpec({ ...INPUT, doltSecret: "" })).not.toBe(hash);
});

test.each([
  ["default", "gc-beads-runner-default"],
  ["a-b2", "gc-beads-runner-a-b2"],
  ["Big City", /^gc-beads-runner-big-city-[0-9a-f]{10}$/],
  ["日本", /^gc-beads-runner-[0-9a-f]{10}$/],
  ["a".repeat(26), /^gc-beads-runner-a{14}-[0-9a-f]{10}$/],
  ["big-city-0123456789", /^gc-beads-runner-big-city-01234-[0-9a-f]{10}$/],
  ["-x", /^gc-beads-runner-x-[0-9a-f]{10}$/],
])("the runner of city %p is called %p", (city, name) => {
  expect(runnerName(city)).toMatch(name);
  // Kubernetes makes a label of it and a hash of ten characters.
  expect(runnerName(city).length).toBeLessThanOrEqual(52);
});

test("runners of different cities and namespaces know that they are different", () => {
  const identities = [
    { city: "a", namespace: "n" },
    { city: "b", namespace: "n" },
    { city: "a", namespace: "m" },
  ].map(runnerIdentity);
  expect(new Set(identities).size).toBe(3);
});
