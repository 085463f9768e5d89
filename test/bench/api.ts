import type { TestCluster } from "../support/cluster.ts";
import { runProcess } from "./run-process.ts";

/** The API server and the client certificate that ours, curl and kubectl all use. */
export interface Api {
  server: string;
  ca: string;
  cert: string;
  key: string;
  /** Sends one request on a connection of its own; undefined = 404. */
  request<T = unknown>(method: string, path: string, body?: unknown): Promise<T | undefined>;
  open(path: string): Promise<Response>;
}

interface FlatKubeconfig {
  clusters: [{ cluster: { server: string; "certificate-authority-data"?: string } }];
  users: [{ user: { "client-certificate-data"?: string; "client-key-data"?: string } }];
}

/** Reads the credentials of the cluster's kubeconfig as kubectl resolves them. */
export function connectApi({ kubectl, kubeconfig }: TestCluster): Api {
  const command = [
    kubectl,
    "--kubeconfig",
    kubeconfig,
    "config",
    "view",
    "--raw",
    "--flatten",
    "--minify",
    "-o",
    "json",
  ];
  const config = JSON.parse(runProcess({ command, env: {} }).stdout) as FlatKubeconfig;
  const { server, "certificate-authority-data": ca } = config.clusters[0].cluster;
  const { "client-certificate-data": cert, "client-key-data": key } = config.users[0].user;
  if (!ca || !cert || !key)
    throw new Error(`Cannot compare with curl: kubeconfig "${kubeconfig}" has no client certificate`);
  const tls = { ca: atob(ca), cert: atob(cert), key: atob(key) };
  const send = (path: string, init: RequestInit) =>
    fetch(server + path, { ...init, tls, keepalive: false } as BunFetchRequestInit);
  return {
    server,
    ...tls,
    open: (path) => send(path, {}),
    async request<T>(method: string, path: string, body?: unknown): Promise<T | undefined> {
      const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
      const init = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": type } };
      const response = await send(path, { method, ...init });
      const text = await response.text();
      if (response.status === 404 && method !== "POST") return undefined;
      if (!response.ok) throw new Error(`Cannot ${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
      return JSON.parse(text) as T;
    },
  };
}
