import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { doltUp, type TestDolt } from "../support/dolt.ts";
import { compile } from "./compile.ts";
import type { Place } from "./place.ts";
import { must, type Outcome, runProcess } from "./run-process.ts";
import { runWeighed } from "./weigh.ts";

/** A city with its beads in the benchmark's namespace. */
export interface BeadsCity {
  /** Runs an operation of the executable that is measured. */
  ours(words: string[], stdin?: string): Outcome;
  oursWithMemory(words: string[]): Outcome & { MB: number };
  /** Milliseconds of an exec of `true` in the runner by the least client. */
  floorMs(): number;
  /** Milliseconds of a bd in the runner as anybody runs it, without the exec that starts it. */
  bdMs(words: string[]): number;
  /** Lets the runner forget which beads it has seen. */
  forget(): void;
  sql: TestDolt["sql"];
}

const PREFIX = "bench";
const DATABASE = "bench";

/** Dolt, shared by the rows of one run. */
const servers = new WeakMap<Place, TestDolt>();

/** The environment of a city whose runner is not made yet. */
export function beadsEnvironment(place: Place, city: string): Record<string, string> {
  const dolt = servers.get(place) ?? doltUp(place.cluster, place.namespace);
  servers.set(place, dolt);
  return {
    GC_K8S_BEADS_IMAGE: place.cluster.beadsImage,
    GC_K8S_BEADS_CPU_REQUEST: "10m",
    GC_K8S_BEADS_MEM_REQUEST: "32Mi",
    GC_K8S_CITY: city,
    GC_K8S_DOLT_HOST: dolt.host,
    GC_K8S_DOLT_PORT: String(dolt.port),
    GC_BEADS_PREFIX: PREFIX,
    GC_STORE_ROOT: "/city",
    GC_CITY_PATH: "/city",
    GC_STORE_SCOPE: "city",
  };
}

/** A city of this name whose store is initialised; again it is the same. */
export function beadsCity(place: Place, city: string): BeadsCity {
  const env = beadsEnvironment(place, city);
  const pod = `gc-beads-runner-${city}-0`;
  const ours: BeadsCity["ours"] = (words, stdin) =>
    runProcess({ ...beadsCommand(place, words, env), ...(stdin !== undefined && { stdin }) });
  ours(["init", "/city", PREFIX, `${DATABASE}_${city}`]);
  const minimal = compile("minimal-exec.ts", join(place.scratch, "minimal-exec"));
  const { ca, cert, key } = place.certificates;
  const sql = servers.get(place)?.sql;
  must(sql !== undefined, "Dolt is not there");
  return {
    ours,
    sql: (statements) => sql(`use ${DATABASE}_${city}; ${statements}`),
    oursWithMemory: (words) => runWeighed(place.scratch, beadsCommand(place, words, env)),
    floorMs() {
      const command = [minimal, place.api.server, place.pods(pod), ca, cert, key, "beads"];
      return runProcess({ command, env: {} }).ms;
    },
    forget: () => void place.kubectl("exec", pod, "--", "sh", "-c", `rm -f /run/gc-beads/scopes/${PREFIX}/known.*`),
    bdMs(words) {
      const script = `cd /run/gc-beads/scopes/${PREFIX} && . ./env; began=$(date +%s%N)
bd "$@" </dev/null >/dev/null || exit 1
echo $(($(date +%s%N) - began))`;
      const { stdout } = place.kubectl("exec", pod, "--", "sh", "-c", script, "sh", ...words);
      return Number(stdout) / 1e6;
    },
  };
}

/** A command line of `gc-beads-k8s`: the executable that is measured, by its other name. */
export function beadsCommand(place: Place, words: string[], env: Record<string, string>) {
  const { command, env: base } = place.ourCommand([]);
  const link = join(place.scratch, "beads", "gc-beads-k8s");
  if (!existsSync(link)) {
    mkdirSync(join(place.scratch, "beads"), { recursive: true });
    symlinkSync(command[0] ?? "", link);
  }
  return { command: [link, ...words], env: { ...base, ...env } };
}
