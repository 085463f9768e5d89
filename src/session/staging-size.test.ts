import { expect, test } from "bun:test";
import { assertStagingSize } from "./staging-size.ts";
import type { Staged } from "./tar-stream.ts";

const file = (path: string, size: number): Staged => ({
  path,
  type: "file",
  mode: 0o644,
  mtime: 0,
  size,
  source: "/x",
});
const MIB = 2 ** 20;
const TREE = [
  file("workspace/app/node_modules/big", 3 * MIB),
  file("workspace/app/main", MIB),
  file("workspace/a", 10),
];

test.each(["5Mi", "1Gi", "5000k", "6M"])("a limit of %s is kept", (limit) => {
  expect(() => assertStagingSize(TREE, limit)).not.toThrow();
});

test.each(["4Mi", "4M", "1000", "1k"])("a limit of %s is exceeded", (limit) => {
  expect(() => assertStagingSize(TREE, limit)).toThrow(`GC_K8S_STAGING_LIMIT is ${limit}`);
});

test("the largest parts are named, in order, with what to do", () => {
  expect(() => assertStagingSize(TREE, "1Mi")).toThrow(
    'Cannot stage 4.0 MiB: GC_K8S_STAGING_LIMIT is 1Mi; "app/node_modules" has 3.0 MiB, "app/main" has 1.0 MiB, "a" has 1.0 KiB: ' +
      "leave them out by GC_K8S_STAGING_IGNORE or a file .gcignore, or raise the limit",
  );
});
