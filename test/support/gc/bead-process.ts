import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type GcProcess, type GcSetting, gcProcess } from "./gc-process.ts";

/** Variables that gc sends empty, so that nothing of its own Dolt reaches the provider. */
const EMPTY = [
  "GC_DOLT_HOST",
  "GC_DOLT_PORT",
  "GC_DOLT_USER",
  "GC_DOLT_PASSWORD",
  "BEADS_DIR",
  "GC_RIG",
  "GC_RIG_ROOT",
];

/** What gc gives `start` of beads; the operation of sessions has the same name. */
const RUNNER_LIMIT_MS = 120_000;

/** The store of a city as gc calls its provider: the executable `gc-beads-k8s`, and the environment that was recorded. */
export function beadProcess(setting: GcSetting, path: string, prefix: string): GcProcess {
  if (basename(setting.executable) !== "gc-beads-k8s")
    throw new Error(`gc knows the provider of beads by its name, and "${setting.executable}" is another`);
  const env = {
    ...Object.fromEntries(EMPTY.map((name) => [name, ""])),
    GC_CITY: path,
    GC_CITY_PATH: path,
    GC_CITY_RUNTIME_DIR: join(path, ".gc/runtime"),
    GC_PROVIDER: `exec:${setting.executable}`,
    GC_STORE_ROOT: path,
    GC_STORE_SCOPE: "city",
    GC_BEADS_PREFIX: prefix,
  };
  return gcProcess("supervisor", { ...setting, env: { ...setting.env, ...env } });
}

/** A city's start, as far as its own beads go: `probe`, the runner, the store, a look at its health. */
export async function startBeads(gc: GcProcess, path: string, prefix: string): Promise<void> {
  // gc asks before there is a runner, and goes on with whatever it hears.
  await gc.begin("probe", []).done;
  await gc.call("start", [], { limitMs: RUNNER_LIMIT_MS });
  await gc.call("init", [path, prefix, databaseOf(path)]);
  await gc.call("health", []);
}

/** gc's own rule: what the city's `.beads/metadata.json` says, else `hq` for every city. */
function databaseOf(path: string): string {
  try {
    const { dolt_database: name } = JSON.parse(readFileSync(join(path, ".beads/metadata.json"), "utf8"));
    return name || "hq";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "hq";
    throw error;
  }
}
