import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestNamespace } from "../conformance/namespace.ts";

/** Applies an object with kubectl, as somebody else than the installer. */
export function applyObject({ kubectl }: Pick<TestNamespace, "kubectl">, object: object, ...options: string[]): void {
  const folder = mkdtempSync(join(tmpdir(), "gc-k8s-object-"));
  try {
    const path = join(folder, "object.json");
    writeFileSync(path, JSON.stringify(object));
    kubectl("apply", "-f", path, ...options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
