import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "./run-tool.ts";

const LAYER = "layer.tar";
const BASE_LAYER = `base/${LAYER}`;

/** The part of an image's config that its build files give, in the words of the OCI image specification. */
export interface ImageConfig {
  User?: string;
  WorkingDir?: string;
  Env?: string[];
  Cmd: string[];
}

/** One layer of an image: its tar file's path in the archive and its SHA-256 digest. */
export interface Layer {
  path: string;
  digest: string;
}

/** The two documents of a docker-archive, beside its layers. */
export interface ArchiveDocuments {
  config: string;
  manifest: string;
}

/**
 * Packs the file tree `<directory>/rootfs` into `<directory>/image.tar`, an archive that `ctr images import` reads.
 * With `base`, the archive of an image of one layer, the tree becomes a second layer on top of it.
 */
export async function packImage(directory: string, name: string, config: ImageConfig, base?: string): Promise<void> {
  const rootfs = join(directory, "rootfs");
  const parts = join(directory, "parts");
  const paths = base ? [BASE_LAYER, LAYER] : [LAYER];
  mkdirSync(join(parts, "base"), { recursive: true });
  if (base) await runTool(["tar", "--extract", "--file", base, "--directory", join(parts, "base"), LAYER]);
  const tree = ["--file", join(parts, LAYER), "--directory", rootfs, "."];
  await runTool(["tar", "--sort=name", "--numeric-owner", "--create", ...tree]);
  const layers = await Promise.all(paths.map(async (path) => ({ path, digest: await digestOf(join(parts, path)) })));
  const documents = archiveDocuments(name, config, layers);
  writeFileSync(join(parts, "config.json"), documents.config);
  writeFileSync(join(parts, "manifest.json"), documents.manifest);
  const members = ["manifest.json", "config.json", ...paths];
  const archive = join(directory, "image.tar");
  await runTool(["tar", "--mtime=@0", "--create", "--file", archive, "--directory", parts, ...members]);
  rmSync(parts, { recursive: true });
  rmSync(rootfs, { recursive: true });
}

/** The config and manifest of an image of these layers, the lowest first. */
export function archiveDocuments(name: string, config: ImageConfig, layers: Layer[]): ArchiveDocuments {
  const architecture = process.arch === "arm64" ? "arm64" : "amd64";
  const rootfs = { type: "layers", diff_ids: layers.map(({ digest }) => `sha256:${digest}`) };
  return {
    config: JSON.stringify({ architecture, os: "linux", config, rootfs }),
    manifest: JSON.stringify([{ Config: "config.json", RepoTags: [name], Layers: layers.map(({ path }) => path) }]),
  };
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("hex");
}
