import { join } from "node:path";
import { ensureBuilt, hashSources } from "./build-cache.ts";
import { buildGo } from "./go-build.ts";
import type { Report } from "./progress.ts";

const SOURCES = join(import.meta.dir, "dns");
const FLAGS = ["-trimpath", "-ldflags=-s -w"];

/** Returns the path of CoreDNS; compiles it if its sources changed. */
export async function ensureDnsBinary(report: Report): Promise<string> {
  const directory = await ensureBuilt({
    kind: "dns",
    hash: hashSources([...FLAGS, process.arch], [SOURCES]),
    build: (into) => buildGo({ module: SOURCES, packages: ["."], flags: FLAGS }, join(into, "coredns"), report),
  });
  return join(directory, "coredns");
}
