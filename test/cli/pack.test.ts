import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type TestNamespace, testNamespace } from "../conformance/namespace.ts";
import { clerk } from "../lifecycle/stage.ts";
import { command, commandPath } from "../settings/command.ts";
import { startConfig } from "../support/gc/agent.ts";
import { type City, makeCity } from "../support/gc/city.ts";
import { type GcProcess, gcProcess } from "../support/gc/gc-process.ts";
import { startAgent } from "../support/gc/start-agent.ts";

const root = join(import.meta.dir, "../..");
const scratch = mkdtempSync(join(tmpdir(), "gc-k8s-pack-"));
const namespace: TestNamespace = testNamespace();
const gcCity: City = makeCity();
beforeAll(() => namespace.create(), 60_000);
afterAll(async () => {
  rmSync(scratch, { recursive: true });
  gcCity.remove();
  await namespace.remove();
}, 60_000);

/** A copy of the example city with the pack in it. */
async function cityWithPack(name: string): Promise<string> {
  const city = join(scratch, name);
  cpSync(join(root, "examples/city"), city, { recursive: true });
  expect(await add(city, name)).toEqual({ exit: 0, stdout: "", stderr: "" });
  return city;
}

function add(...args: string[]) {
  return command(args, { GC_K8S_EXECUTABLE: resolve(commandPath()) }, "", join(root, "pack/add-to-city.sh"));
}

function toml(path: string): Record<string, Record<string, Record<string, unknown> | undefined>> {
  return Bun.TOML.parse(readFileSync(path, "utf8")) as ReturnType<typeof toml>;
}

/** The executable that gc runs for the city's provider, found as gc finds it: by name, relative to the pack. */
function runtimeOf(city: string): string {
  const provider = String(toml(join(city, "city.toml"))["session"]?.["provider"]);
  const source = String(toml(join(city, "pack.toml"))["imports"]?.["gc-k8s"]?.["source"]);
  const pack = join(city, source);
  const runtime = toml(join(pack, "pack.toml"))["runtimes"]?.[provider] as { command: string; protocol: number };
  expect(runtime.protocol).toBe(0);
  expect(provider).not.toMatch(/[:/\s]/);
  expect(runtime.command).toContain("/");
  return join(pack, runtime.command);
}

/** gc in the city, with nothing of our settings in its environment but what makes pods small. */
function gcIn(city: string): GcProcess {
  const { KUBECONFIG = "", GC_K8S_IMAGE = "", GC_K8S_NAMESPACE = "" } = namespace.env();
  const small = { GC_K8S_CPU_REQUEST: "10m", GC_K8S_MEM_REQUEST: "16Mi" };
  const file = join(city, "packs/gc-k8s/gc-k8s.toml");
  writeFileSync(file, readFileSync(file, "utf8").replace('namespace = "gc"', `namespace = "${GC_K8S_NAMESPACE}"`));
  return gcProcess("supervisor", {
    executable: runtimeOf(city),
    home: gcCity.home,
    env: { KUBECONFIG, GC_K8S_IMAGE, ...small },
  });
}

test("what gc's doctor asks of a pack holds: there, executable, and it answers the handshake", async () => {
  const city = await cityWithPack("doctored");
  accessSync(runtimeOf(city), constants.X_OK);
  const { version, capabilities } = JSON.parse(await gcIn(city).value("protocol"));
  expect({ version, isList: Array.isArray(capabilities) }).toEqual({ version: 0, isList: true });
  for (const table of ["beads", "events"]) {
    const provider = String(toml(join(city, "city.toml"))[table]?.["provider"]);
    // A relative path would be taken from gc's own directory, which is not the city's.
    expect(provider).toBe(`exec:${city}/packs/gc-k8s/gc-${table}-k8s`);
    accessSync(provider.replace(/^exec:/, ""), constants.X_OK);
  }
});

test("two cities select it, and neither sees the other's session of the same name", async () => {
  const [blue, green] = [await cityWithPack("blue"), await cityWithPack("green")];
  const [ofBlue, ofGreen] = [gcIn(blue), gcIn(green)];
  const agent = clerk();
  await startAgent(ofBlue, agent, startConfig(agent, gcCity, namespace.env()), { dialogBudgetMs: 1_000 });
  expect(await ofBlue.value("list-running", "")).toBe(agent.session);
  expect(await ofGreen.value("list-running", "")).toBe("");
  const { stdout } = await command(["status"], namespace.env(), "", join(blue, "packs/gc-k8s/gc-k8s"));
  expect(stdout).toContain('City "test"');
  const { GC_K8S_CITY: _, ...env } = namespace.env();
  expect((await command(["status"], env, "", join(blue, "packs/gc-k8s/gc-k8s"))).stdout).toContain('City "blue"');
  await ofGreen.call("stop", [agent.session]);
  expect(await ofBlue.value("is-running", agent.session)).toBe("true");
  await ofBlue.call("stop", [agent.session]);
}, 120_000);

test("switching from upstream's script and back changes one line, and neither touches the other's pods", async () => {
  const city = await cityWithPack("switched");
  const gc = gcIn(city);
  const theirs = { app: "gc-agent", "gc-session": "old", "gc-agent": "old" };
  const labels = Object.entries(theirs).map(([name, value]) => `${name}=${value}`);
  namespace.kubectl("run", "gc-old", "--image=none", `--labels=${labels.join(",")}`);
  expect(await gc.value("list-running", "")).toBe("");
  expect(await gc.value("is-running", "old")).toBe("false");
  await gc.call("stop", ["old"]);
  expect(namespace.kubectl("get", "pods", "-o", "name")).toBe("pod/gc-old\n");
  const agent = clerk();
  await startAgent(gc, agent, startConfig(agent, gcCity, namespace.env()), { dialogBudgetMs: 1_000 });
  await gc.call("stop", [agent.session]);
  // Back: of ours nothing is left that a script of upstream's could stumble on.
  expect(namespace.kubectl("get", "pods", "-o", "name")).toBe("pod/gc-old\n");
}, 120_000);

test("adding it again keeps the city's settings", async () => {
  const city = await cityWithPack("again");
  const file = join(city, "packs/gc-k8s/gc-k8s.toml");
  writeFileSync(file, 'city = "other"\n');
  expect((await add(city, "again")).exit).toBe(0);
  expect(readFileSync(file, "utf8")).toBe('city = "other"\n');
});

test("a city that has moved is put right, and the rest of its city.toml stays to the letter", async () => {
  const city = await cityWithPack("moves");
  const before = readFileSync(join(city, "city.toml"), "utf8");
  const moved = join(scratch, "a & b|c#d");
  renameSync(city, moved);
  expect((await add(moved, "moves")).exit).toBe(0);
  expect(readFileSync(join(moved, "city.toml"), "utf8")).toBe(before.replaceAll(city, moved));
  const toIts = readFileSync(join(root, "examples/city/city.toml"), "utf8").replaceAll("exec:", `exec:${moved}/`);
  expect(readFileSync(join(moved, "city.toml"), "utf8")).toBe(toIts);
});

test("a new city gets a database of its own, because gc names that of every city alike; one that has run keeps its own", async () => {
  const databaseOf = (city: string) => JSON.parse(readFileSync(join(city, ".beads/metadata.json"), "utf8"));
  const city = await cityWithPack("new.one");
  expect(databaseOf(city)).toEqual({ dolt_database: "hq_new_one" });
  expect((await add(city, "other")).exit).toBe(0);
  expect(databaseOf(city)).toEqual({ dolt_database: "hq_new_one" });
  const old = join(scratch, "old");
  mkdirSync(join(old, ".gc"), { recursive: true });
  expect((await add(old, "old")).exit).toBe(0);
  expect(existsSync(join(old, ".beads"))).toBe(false);
});

test("a city without a plain name, or without the executable, is told of", async () => {
  expect(await add(scratch, "two words")).toMatchObject({ exit: 1 });
  const nowhere = await add(join(scratch, "nowhere"), "x");
  expect(nowhere).toEqual({
    exit: 1,
    stdout: "",
    stderr: `add-to-city.sh: there is no city at "${scratch}/nowhere"\n`,
  });
  const without = await command(
    [scratch, "x"],
    { GC_K8S_EXECUTABLE: "/nowhere" },
    "",
    join(root, "pack/add-to-city.sh"),
  );
  expect(without).toEqual({
    exit: 1,
    stdout: "",
    stderr: "add-to-city.sh: gc-k8s is not on PATH; set GC_K8S_EXECUTABLE\n",
  });
});
