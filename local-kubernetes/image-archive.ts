import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "./run-tool.ts";

/** The part of an image's config that its build files give, in the words of the OCI image specification. */
export interface ImageConfig {
  User?: string;
  WorkingDir?: string;
  Env?: string[];
  Cmd: string[];
}

/** The two documents of a docker-archive, beside its one layer. */
export interface ArchiveDocuments {
  config: string;
  manifest: string;
}

/** Packs the file tree `<directory>/rootfs` into `<directory>/image.tar`, an archive that `ctr images import` reads. */
export async function packImage(directory: string, name: string, config: ImageConfig): Promise<void> {
  const rootfs = join(directory, "rootfs");
  const parts = join(directory, "parts");
  mkdirSync(parts);
  const layer = join(parts, "layer.tar");
  await runTool(["tar", "--sort=name", "--numeric-owner", "--create", "--file", layer, "--directory", rootfs, "."]);
  const documents = archiveDocuments(name, config, await digestOf(layer));
  writeFileSync(join(parts, "config.json"), documents.config);
  writeFileSync(join(parts, "manifest.json"), documents.manifest);
  const members = ["manifest.json", "config.json", "layer.tar"];
  const archive = join(directory, "image.tar");
  await runTool(["tar", "--mtime=@0", "--create", "--file", archive, "--directory", parts, ...members]);
  rmSync(parts, { recursive: true });
  rmSync(rootfs, { recursive: true });
}

/** The config and manifest of an image of one layer with this SHA-256 digest. */
export function archiveDocuments(name: string, config: ImageConfig, layerDigest: string): ArchiveDocuments {
  const architecture = process.arch === "arm64" ? "arm64" : "amd64";
  const rootfs = { type: "layers", diff_ids: [`sha256:${layerDigest}`] };
  return {
    config: JSON.stringify({ architecture, os: "linux", config, rootfs }),
    manifest: JSON.stringify([{ Config: "config.json", RepoTags: [name], Layers: ["layer.tar"] }]),
  };
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("hex");
}
