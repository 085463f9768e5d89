import { linkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type Buildable, ensureBuilt, hashSources } from "./build-cache.ts";
import { buildGo } from "./go-build.ts";
import type { Report } from "./progress.ts";

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
  "kube-network-policies",
];

/** Returns the path of the executable that holds all of Kubernetes; compiles it if its sources changed. */
export async function ensureNodeBinary(report: Report): Promise<string> {
  const programs = { module: SOURCES, packages: ["."], flags: buildFlags() };
  const build = (into: string) => buildGo(programs, join(into, "node"), report);
  return join(await ensureBuilt({ ...nodeBinary(), build }), "node");
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

function buildFlags(): string[] {
  const [major, minor] = KUBERNETES.split(".");
  const version = { gitVersion: `v${KUBERNETES}`, gitMajor: major, gitMinor: minor };
  const set = Object.entries(version).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  return ["-trimpath", "-ldflags", ["-s", "-w", ...set].join(" ")];
}
