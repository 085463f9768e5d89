import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestCluster } from "../support/cluster.ts";
import { type Api, connectApi } from "./api.ts";
import { type Job, type Outcome, runProcess } from "./run-process.ts";
import { runWeighed } from "./weigh.ts";

/** How one call of the executable is made. */
export interface OurCall {
  stdin?: string | Uint8Array;
  exit?: number;
  env?: Record<string, string>;
}

/** Where the benchmark runs: a namespace and a directory of its own, and every program with the same credentials. */
export interface Place {
  cluster: TestCluster;
  api: Api;
  namespace: string;
  city: string;
  /** Directory for files of the rows. */
  scratch: string;
  /** Runs the executable that is measured; throws unless it succeeds. */
  ours(words: string[], call?: OurCall): Outcome;
  /** The same, with the peak of its memory in MB. */
  oursWithMemory(words: string[], call?: OurCall): Outcome & { MB: number };
  ourCommand(words: string[]): Pick<Job, "command" | "env">;
  kubectl(...words: string[]): Outcome;
  /** GETs a path into nowhere; returns the status and the body's length as curl saw them. */
  curl(path: string, ...options: string[]): Outcome & { status: number; bytes: number };
  /** API path of the namespace's pods, or of one. */
  pods(name?: string): string;
  /** Arguments that name files of authority, certificate and key. */
  certificates: { ca: string; cert: string; key: string };
  /** Removes both; a second call does nothing. */
  close(): Promise<void>;
}

/** Makes the place; `executable` replaces the one that was built. */
export async function openPlace(cluster: TestCluster, built: string, executable?: string): Promise<Place> {
  const api = connectApi(cluster);
  const namespace = `bench-${process.pid}-${crypto.randomUUID().slice(0, 8)}`;
  const scratch = mkdtempSync(join(tmpdir(), "gc-k8s-bench-"));
  const certificates = { ca: join(scratch, "ca"), cert: join(scratch, "cert"), key: join(scratch, "key") };
  for (const name of ["ca", "cert", "key"] as const) writeFileSync(certificates[name], api[name], { mode: 0o600 });
  // A copy: another build while the benchmark runs must not change what is measured.
  const path = executable ?? join(scratch, "bin", "gc-session-k8s");
  if (!executable) {
    mkdirSync(join(scratch, "bin"));
    copyFileSync(built, path);
  }
  const base = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", KUBECONFIG: cluster.kubeconfig };
  const env = {
    ...base,
    GC_K8S_NAMESPACE: namespace,
    GC_K8S_IMAGE: cluster.agentImage,
    GC_K8S_CITY: namespace,
    GC_K8S_CPU_REQUEST: "10m",
    GC_K8S_MEM_REQUEST: "16Mi",
  };
  const pods = (name?: string) => `/api/v1/namespaces/${namespace}/pods${name ? `/${name}` : ""}`;
  const ours = (words: string[], { env: more, ...call }: OurCall = {}) =>
    runProcess({ command: [path, ...words], env: { ...env, ...more }, ...call });
  const place: Place = {
    cluster,
    api,
    namespace,
    city: namespace,
    scratch,
    certificates,
    pods,
    ours,
    ourCommand: (words) => ({ command: [path, ...words], env }),
    oursWithMemory: (words, { env: more, ...call } = {}) =>
      runWeighed(scratch, { command: [path, ...words], env: { ...env, ...more }, ...call }),
    kubectl: (...words) => runProcess({ command: [cluster.kubectl, "-n", namespace, ...words], env: base }),
    curl(url, ...options) {
      const { ca, cert, key } = certificates;
      const credentials = ["--cacert", ca, "--cert", cert, "--key", key];
      const quiet = ["-sS", "-o", "/dev/null", "-w", "%{http_code} %{size_download}"];
      const outcome = runProcess({
        command: ["curl", ...quiet, ...credentials, ...options, api.server + url],
        env: base,
      });
      const [status = 0, bytes = 0] = outcome.stdout.split(" ").map(Number);
      return { ...outcome, status, bytes };
    },
    async close() {
      if (!existsSync(scratch)) return;
      rmSync(scratch, { recursive: true });
      await api.request("DELETE", `/api/v1/namespaces/${namespace}`);
    },
  };
  try {
    await makeNamespace(api, namespace);
  } catch (error) {
    await place.close();
    throw error;
  }
  return place;
}

async function makeNamespace(api: Api, name: string): Promise<void> {
  await api.request("POST", "/api/v1/namespaces", { metadata: { name } });
  // Pods are refused until the namespace's service account has been made.
  const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
  const until = performance.now() + 20_000;
  while (!(await api.request("GET", account))) {
    if (performance.now() > until) throw new Error(`Cannot use namespace "${name}": it got no service account`);
    await Bun.sleep(50);
  }
}
