import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificates } from "../kubeconfig/certificates.ts";
import { type HttpFault, httpProxy } from "./http-proxy.ts";
import { type FaultyPort, type TcpFault, tcpProxy } from "./tcp-proxy.ts";

/** Where a cluster's API server is, and as whom a test reaches it. */
export interface ClusterAccess {
  host: string;
  port: number;
  ca: string;
  cert: string;
  key: string;
}

interface Kubeconfig {
  clusters: { name: string; cluster: { server: string; "certificate-authority-data": string } }[];
  users: { name: string; user: Record<string, string> }[];
}

/** A fault before the API server. */
export type WireFault = ({ wire: "tcp" } & TcpFault) | ({ wire: "http" } & HttpFault);

/** Makes proxies and the kubeconfigs that lead to them. */
export interface FaultyWire {
  /** Gives `use` the path of a kubeconfig whose server is behind the fault. */
  through<T>(fault: WireFault, use: (kubeconfig: string, port: FaultyPort) => Promise<T>): Promise<T>;
  close(): void;
}

/** Proxies before the cluster of that kubeconfig; certificates for them are made here. */
export async function faultyWire(kubeconfig: string): Promise<FaultyWire> {
  const folder = mkdtempSync(join(tmpdir(), "faulty-wire-"));
  await makeCertificates(folder);
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const certificate = { key: read("server.key"), cert: read("server.crt") };
  const real = Bun.YAML.parse(readFileSync(kubeconfig, "utf8")) as Kubeconfig;
  const access = accessOf(real);
  const [cluster] = real.clusters;
  let count = 0;
  return {
    async through(fault, use) {
      const proxy = fault.wire === "tcp" ? await tcpProxy(access, fault) : await httpProxy(access, certificate, fault);
      const path = join(folder, `kubeconfig-${++count}`);
      const server = `https://127.0.0.1:${proxy.port}`;
      const authority = fault.wire === "tcp" ? cluster?.cluster["certificate-authority-data"] : btoa(read("ca.crt"));
      const clusters = [{ name: cluster?.name, cluster: { server, "certificate-authority-data": authority } }];
      writeFileSync(path, JSON.stringify({ ...real, clusters }), { mode: 0o600 });
      try {
        return await use(path, proxy);
      } finally {
        proxy.close();
        rmSync(path);
      }
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}

function accessOf({ clusters, users }: Kubeconfig): ClusterAccess {
  const cluster = clusters[0]?.cluster;
  const user = users[0]?.user;
  if (!cluster || !user) throw new Error("Cannot stand before the cluster: its kubeconfig names none");
  const { hostname, port } = new URL(cluster.server);
  return {
    host: hostname,
    port: Number(port),
    ca: atob(cluster["certificate-authority-data"]),
    cert: atob(user["client-certificate-data"] ?? ""),
    key: atob(user["client-key-data"] ?? ""),
  };
}
