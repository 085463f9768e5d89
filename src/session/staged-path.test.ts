import { expect, test } from "bun:test";
import { stagedPath } from "./staged-path.ts";
import type { Staged } from "./tar-stream.ts";

const common = { mode: 0o755, mtime: 0, size: 0 };
const directory = (path: string): Staged => ({ ...common, path, type: "directory" });
const link = (path: string, linkTarget: string): Staged => ({ ...common, path, type: "symlink", linkTarget });
const ENTRIES = new Map(
  [
    directory("w/rig"),
    directory("w/rig/deep"),
    { ...common, path: "w/file", type: "file" as const, source: "/x" },
    link("w/in", "rig/deep"),
    link("w/absolute", "/w/rig"),
    link("w/rig/up", "../in/../deep"),
    link("w/state", ".gc/trees/x"),
    link("w/out", "/elsewhere"),
    link("w/climbs", "../../x"),
    link("w/loop", "loop"),
  ].map((entry) => [entry.path, entry]),
);

test.each([
  ["w", "w", true],
  ["w/rig", "w/rig", true],
  ["w/missing", "w/missing", false],
  ["w/.gc/trees/x", "w/.gc/trees/x", false],
  ["w/in", "w/rig/deep", true],
  ["w/absolute/deep", "w/rig/deep", true],
  ["w/rig/up", "w/rig/deep", true],
  ["w/in/new", "w/rig/deep/new", false],
  ["w/state", "w/.gc/trees/x", false],
])("%s leads to %s, staged: %p", (path, to, isStaged) => {
  expect(stagedPath(ENTRIES, "w", path)).toEqual({ path: to, isStaged });
});

test.each(["w/out", "w/out/x", "w/climbs", "w/loop", "w/file", "w/file/x", "other"])("%s leads nowhere", (path) => {
  expect(stagedPath(ENTRIES, "w", path)).toBeUndefined();
});
