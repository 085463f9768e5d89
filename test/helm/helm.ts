import { join } from "node:path";
import { ensureBuilt } from "../../local-kubernetes/build-cache.ts";
import { goCommand, goEnvironment } from "../../local-kubernetes/go-toolchain.ts";
import { cacheDirectory } from "../../local-kubernetes/layout.ts";
import { runTree } from "../../local-kubernetes/run-tool.ts";

const VERSION = "v3.19.5";

/** Path of a helm: the one that `GC_TEST_HELM` names, else one that is compiled once, in some minutes, into the cache. */
export async function helmPath(): Promise<string> {
  const { GC_TEST_HELM: own } = process.env;
  if (own) return own;
  const directory = await ensureBuilt({
    kind: "helm",
    hash: VERSION,
    async build(into) {
      const env = { ...goEnvironment(), GOBIN: into };
      const command = [await goCommand(), "install", "-ldflags=-s -w", `helm.sh/helm/v3/cmd/helm@${VERSION}`];
      await runTree(command, { env, log: join(cacheDirectory(), "build.log"), onLine: () => undefined });
    },
  });
  return join(directory, "helm");
}
