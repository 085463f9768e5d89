import { existsSync, readFileSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { builtDirectory } from "./build-cache.ts";
import { type Image, isBuilt } from "./images.ts";
import { cacheDirectory } from "./layout.ts";
import { nodeBinary } from "./node-binary.ts";

/** The facts about a machine that decide whether it can run a cluster. */
export interface Machine {
  platform: string;
  arch: string;
  uid: number;
  hasOverlay: boolean;
  freeGb: number;
  /** What a cluster takes of the disk: little, once everything is built. */
  neededGb: number;
}

/** What a first build takes of the disk, and what a cluster takes anyway. */
const GB = { kubernetes: 6, beads: 4, running: 1 };

/** Throws one line, with what to do, where no cluster with these images can run. */
export function checkMachine(images: Image[]): void {
  const problem = machineProblem(thisMachine(images));
  if (!problem) return;
  throw new Error(`Cannot run a local cluster: ${problem}, or use an existing cluster: npm run demo -- --context NAME`);
}

/** What keeps a machine from running a cluster, with what to do about it; undefined when nothing does. */
export function machineProblem(machine: Machine): string | undefined {
  const { platform, arch, uid, hasOverlay, freeGb, neededGb } = machine;
  if (platform !== "linux") return `it needs Linux, this is "${platform}": use a Linux machine`;
  if (arch !== "x64" && arch !== "arm64")
    return `it is built for x86_64 and arm64, this is "${arch}": use another machine`;
  if (uid !== 0) return "it needs root for namespaces and cgroups: run it as root (sudo)";
  if (!hasOverlay) return 'the kernel has no "overlay" file system: run modprobe overlay';
  if (freeGb < neededGb) {
    const where = `free ${neededGb} GB below "${cacheDirectory()}" or set XDG_CACHE_HOME to another disk`;
    return `the disk has ${freeGb.toFixed(1)} GB left: ${where}`;
  }
  return undefined;
}

function thisMachine(images: Image[]): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    uid: process.getuid?.() ?? -1,
    hasOverlay: hasOverlay(),
    freeGb: freeGb(cacheDirectory()),
    neededGb: neededGb(images),
  };
}

function neededGb(images: Image[]): number {
  const kubernetes = existsSync(builtDirectory(nodeBinary())) ? 0 : GB.kubernetes;
  const beads = images.some((image) => image.kind === "beads" && !isBuilt(image)) ? GB.beads : 0;
  return Math.max(GB.running, kubernetes + beads);
}

function hasOverlay(): boolean {
  const isKnown = () => readFileSync("/proc/filesystems", "utf8").includes("\toverlay\n");
  if (process.platform !== "linux" || isKnown()) return process.platform === "linux";
  if (Bun.which("modprobe")) Bun.spawnSync(["modprobe", "overlay"]);
  return isKnown();
}

function freeGb(path: string): number {
  if (!existsSync(path)) return freeGb(dirname(path));
  const { bavail, bsize } = statfsSync(path);
  return (bavail * bsize) / 1e9;
}
