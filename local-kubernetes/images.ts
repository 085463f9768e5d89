import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt, hashSources } from "./build-cache.ts";
import { goCommand, goEnvironment } from "./go-toolchain.ts";
import { packImage } from "./image-archive.ts";
import { cacheDirectory } from "./layout.ts";
import type { Report } from "./progress.ts";
import { runTool, runTree } from "./run-tool.ts";

const RECIPES = join(import.meta.dir, "..", "images");
const DEBIAN = "bookworm";

/** An image that this repository builds and every cluster has. */
export interface Image {
  kind: "agent" | "pause";
  /** The name that a pod's container uses; changes with the image's build files. */
  name: string;
}

/** The image of agents' pods: Debian with tmux, git, curl and Python. */
export function agentImage(): Image {
  return imageOf("agent");
}

/** The image of the container that holds each pod's namespaces. */
export function pauseImage(): Image {
  return imageOf("pause");
}

/** Returns the docker-archive of an image; builds it if its files changed. */
export async function ensureImageArchive(image: Image, report: Report): Promise<string> {
  const directory = await ensureBuilt({
    kind: `image-${image.kind}`,
    hash: tagOf(image.name),
    build: async (into) => {
      const recipe = join(RECIPES, image.kind);
      mkdirSync(join(into, "rootfs"), { mode: 0o755 });
      if (image.kind === "pause") await buildPause(recipe, join(into, "rootfs"));
      else await buildDebian(recipe, join(into, "rootfs"), report);
      report("packing");
      await packImage(into, image.name, JSON.parse(readFileSync(join(recipe, "image.json"), "utf8")));
    },
  });
  return join(directory, "image.tar");
}

function imageOf(kind: Image["kind"]): Image {
  const hash = hashSources([DEBIAN, process.arch, "layout 1"], [join(RECIPES, kind)]);
  return { kind, name: `local/gc-${kind}:${hash}` };
}

function tagOf(name: string): string {
  return name.slice(name.lastIndexOf(":") + 1);
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
