import { linkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type Buildable, ensureBuilt, hashSources } from "./build-cache.ts";
import { goCommand, goEnvironment } from "./go-toolchain.ts";
import { cacheDirectory } from "./layout.ts";
import type { Report } from "./progress.ts";
import { runTool, runTree } from "./run-tool.ts";

const SOURCES = join(import.meta.dir, "node");
const KUBERNETES = "1.34.4";

/** The names that the node's executable is called by; each name is a component. */
const NAMES = [
  "init",
  "certs",
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kube-proxy",
  "kubelet",
  "kubectl",
  "storage-provisioner",
];

/** Returns the path of the executable that holds all of Kubernetes; compiles it if its sources changed. */
export async function ensureNodeBinary(report: Report): Promise<string> {
  const directory = await ensureBuilt({ ...nodeBinary(), build: (into) => compile(into, report) });
  return join(directory, "node");
}

/** Identifies the executable that the present sources make. */
export function nodeBinary(): Pick<Buildable, "kind" | "hash"> {
  return { kind: "node", hash: hashSources([...buildFlags(), process.arch], [SOURCES]) };
}

/** Fills a directory with the executable under each of its names; a link, so that it survives a newer build. */
export function linkNodeBinary(binary: string, directory: string): void {
  linkSync(binary, join(directory, "node"));
  for (const name of NAMES) symlinkSync("node", join(directory, name));
}

async function compile(into: string, report: Report): Promise<void> {
  const go = await goCommand();
  const log = join(cacheDirectory(), "build.log");
  const options = { cwd: SOURCES, env: goEnvironment(), log };
  report("downloading the sources");
  const packages = await runTool([go, "list", "-deps", "."], options);
  const total = packages.trim().split("\n").length;
  let compiled = 0;
  report(`0 of ${total} packages`);
  await runTree([go, "build", "-v", ...buildFlags(), "-o", join(into, "node"), "."], {
    ...options,
    onLine: () => {
      compiled += 1;
      report(compiled < total ? `${compiled} of ${total} packages` : "linking");
    },
  });
}

function buildFlags(): string[] {
  const [major, minor] = KUBERNETES.split(".");
  const version = { gitVersion: `v${KUBERNETES}`, gitMajor: major, gitMinor: minor };
  const set = Object.entries(version).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  return ["-trimpath", "-ldflags", ["-s", "-w", ...set].join(" ")];
}
