import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureBeadsPrograms } from "./beads-programs.ts";
import { type Buildable, builtDirectory, ensureBuilt, hashSources } from "./build-cache.ts";
import { goCommand, goEnvironment } from "./go-toolchain.ts";
import { packImage } from "./image-archive.ts";
import { cacheDirectory } from "./layout.ts";
import type { Report } from "./progress.ts";
import { runTool, runTree } from "./run-tool.ts";

const RECIPES = join(import.meta.dir, "..", "images");
const DEBIAN = "bookworm";

/** An image that this repository builds; every cluster has `agent` and `pause`, one asked for it also `beads`. */
export interface Image {
  kind: "agent" | "pause" | "beads";
  /** The name that a pod's container uses; changes with the image's build files. */
  name: string;
}

/** How the file tree of an image, or of its layer on top of `base`, is made from its recipe. */
interface Recipe {
  base?: () => Image;
  fill: (recipe: string, rootfs: string, report: Report) => Promise<void>;
}

const RECIPE: Record<Image["kind"], Recipe> = {
  pause: { fill: buildPause },
  agent: { fill: buildDebian },
  beads: { fill: addBeadsPrograms, base: agentImage },
};

/** The image of agents' pods: Debian with tmux, git, curl and Python. */
export function agentImage(): Image {
  return imageOf("agent");
}

/** The image of the container that holds each pod's namespaces. */
export function pauseImage(): Image {
  return imageOf("pause");
}

/** The image of the bead store's pods: the agents' with `bd` and `dolt`. */
export function beadsImage(): Image {
  return imageOf("beads");
}

/** Whether an image's archive is in the cache. */
export function isBuilt(image: Image): boolean {
  return existsSync(builtDirectory(cacheKey(image)));
}

/** Returns the docker-archive of an image; builds it if its files changed. */
export async function ensureImageArchive(image: Image, report: Report): Promise<string> {
  const { base, fill } = RECIPE[image.kind];
  const directory = await ensureBuilt({
    ...cacheKey(image),
    build: async (into) => {
      const recipe = join(RECIPES, image.kind);
      const below = base && (await ensureImageArchive(base(), report));
      mkdirSync(join(into, "rootfs"), { mode: 0o755 });
      await fill(recipe, join(into, "rootfs"), report);
      report("packing");
      await packImage(into, image.name, JSON.parse(readFileSync(join(recipe, "image.json"), "utf8")), below);
    },
  });
  return join(directory, "image.tar");
}

function imageOf(kind: Image["kind"]): Image {
  const { base } = RECIPE[kind];
  const below = base ? [base().name] : [];
  const hash = hashSources([DEBIAN, process.arch, "layout 1", ...below], [join(RECIPES, kind)]);
  return { kind, name: `local/gc-${kind}:${hash}` };
}

function cacheKey({ kind, name }: Image): Pick<Buildable, "kind" | "hash"> {
  return { kind: `image-${kind}`, hash: name.slice(name.lastIndexOf(":") + 1) };
}

async function buildPause(recipe: string, rootfs: string): Promise<void> {
  const output = join(rootfs, "pause");
  const command = [await goCommand(), "build", "-trimpath", "-ldflags", "-s -w", "-o", output, "pause.go"];
  await runTool(command, { cwd: recipe, env: goEnvironment() });
}

async function buildDebian(recipe: string, rootfs: string, report: Report): Promise<void> {
  const packages = readFileSync(join(recipe, "packages"), "utf8").trim().split("\n").join(",");
  const log = join(cacheDirectory(), "build.log");
  const onLine = (line: string) => report(line.replace(/^I: /, ""));
  report("starting debootstrap");
  await runTree(["debootstrap", "--variant=minbase", `--include=${packages}`, DEBIAN, rootfs], { log, onLine });
  report("cleaning up");
  copyFileSync(join(recipe, "setup.sh"), join(rootfs, "setup.sh"));
  await runTree(["chroot", rootfs, "/bin/sh", "/setup.sh"], { log });
  rmSync(join(rootfs, "setup.sh"));
}

async function addBeadsPrograms(recipe: string, rootfs: string, report: Report): Promise<void> {
  const programs = await ensureBeadsPrograms(recipe, report);
  const bin = join(rootfs, "usr/local/bin");
  mkdirSync(bin, { recursive: true, mode: 0o755 });
  for (const name of ["bd", "dolt"]) copyFileSync(join(programs, name), join(bin, name));
}
