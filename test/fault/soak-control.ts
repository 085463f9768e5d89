import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectApi } from "../bench/api.ts";
import { clusterStatus } from "../support/cluster.ts";
import type { Ground } from "./fault-ground.ts";
import type { Sample } from "./soak-judge.ts";

/** What operations are measured beside: a GET of one pod by curl, a new process and connection each time. */
export interface Control {
  /** Makes one, and tells when, counted from `began`, and how long it took. */
  sample(began: number): Promise<Sample>;
  close(): void;
}

/** GETs of that session's pod. */
export async function controlOf(ground: Ground, session: string): Promise<Control> {
  const { server, ca, cert, key } = connectApi(await clusterStatus(process.env["GC_TEST_CLUSTER"]));
  const folder = mkdtempSync(join(tmpdir(), "soak-"));
  const options = Object.entries({ cacert: ca, cert, key }).flatMap(([name, text]) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return [`--${name}`, join(folder, name)];
  });
  const url = `${server}/api/v1/namespaces/${ground.env["GC_K8S_NAMESPACE"]}/pods/${await ground.podOf(session)}`;
  const command = ["curl", "-sSf", "-o", "/dev/null", ...options, url];
  return {
    async sample(began) {
      const at = performance.now();
      const exit = await Bun.spawn(command, { stdin: "ignore", env: { PATH: process.env["PATH"] ?? "" } }).exited;
      if (exit !== 0) throw new Error(`curl cannot get the pod of "${session}": it ended with ${exit}`);
      return { kind: "curl", at: at - began, ms: performance.now() - at };
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}
