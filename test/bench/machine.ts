import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import type { Place } from "./place.ts";
import { runProcess } from "./run-process.ts";

/** Where and with what the figures were made. */
export interface Machine {
  cpus: number;
  cpu: string;
  memoryMB: number;
  system: string;
  versions: Record<string, string>;
}

/** Describes this machine and the programs that were compared. */
export async function describeMachine({ api, kubectl }: Place): Promise<Machine> {
  const { version } = (await Bun.file(join(import.meta.dir, "../../package.json")).json()) as { version: string };
  const server = await api.request<{ gitVersion: string }>("GET", "/version");
  const client = JSON.parse(kubectl("version", "--client", "-o", "json").stdout) as {
    clientVersion: { gitVersion: string };
  };
  const curl = runProcess({ command: ["curl", "--version"], env: { PATH: process.env["PATH"] ?? "" } }).stdout;
  return {
    cpus: cpus().length,
    cpu: cpus()[0]?.model ?? "unknown",
    memoryMB: Math.round(totalmem() / 1e6),
    system: `${process.platform} ${process.arch} ${release()}`,
    versions: {
      "gc-k8s": version,
      Bun: Bun.version,
      Kubernetes: server?.gitVersion ?? "unknown",
      kubectl: client.clientVersion.gitVersion,
      curl: curl.split(" ")[1] ?? "unknown",
    },
  };
}
