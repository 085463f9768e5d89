import { expect, test } from "bun:test";
import { archiveDocuments } from "./image-archive.ts";

test("archiveDocuments() names the image, its config and its layers from the lowest", () => {
  const layers = [
    { path: "base.tar", digest: "abc" },
    { path: "top.tar", digest: "def" },
  ];
  const { config, manifest } = archiveDocuments("local/x:1", { User: "1:1", Cmd: ["sh"] }, layers);
  expect(JSON.parse(manifest)).toEqual([
    { Config: "config.json", RepoTags: ["local/x:1"], Layers: ["base.tar", "top.tar"] },
  ]);
  expect(JSON.parse(config)).toEqual({
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config: { User: "1:1", Cmd: ["sh"] },
    rootfs: { type: "layers", diff_ids: ["sha256:abc", "sha256:def"] },
  });
});
