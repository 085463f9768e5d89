import { ensureBuilt, hashSources } from "./build-cache.ts";
import { buildGo } from "./go-build.ts";
import type { Report } from "./progress.ts";

const PACKAGES = ["github.com/steveyegge/beads/cmd/bd", "github.com/dolthub/dolt/go/cmd/dolt"];

// Both need C, and linked statically they run whatever C library the image has.
const ENVIRONMENT = { CGO_ENABLED: "1" };
const FLAGS = [
  "-trimpath",
  "-tags=gms_pure_go,netgo,osusergo",
  "-ldflags=-s -w -linkmode external -extldflags -static",
];

/** Returns a directory that holds `bd` and `dolt`; compiles them if the versions in the module `images/beads` changed. */
export async function ensureBeadsPrograms(module: string, report: Report): Promise<string> {
  return await ensureBuilt({
    kind: "beads-programs",
    hash: hashSources([...FLAGS, ...PACKAGES, process.arch], [module]),
    build: (into) =>
      buildGo({ module, packages: PACKAGES, flags: FLAGS, env: ENVIRONMENT }, `${into}/`, (detail) =>
        report(`bd and Dolt: ${detail}`),
      ),
  });
}
