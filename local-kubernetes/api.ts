import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { API_PORT } from "./components.ts";
import { fetchDirectly } from "./fetch-directly.ts";
import type { Cluster } from "./layout.ts";
import { addressesOf } from "./network.ts";

/** How this machine reaches a cluster's API as its administrator. */
export interface Api {
  url: string;
  tls: { ca: string; cert: string; key: string };
}

/** The parts of an API answer that are used here. */
export interface ApiObject {
  metadata: { name: string };
  status?: { conditions?: { type: string; status: string; message?: string }[] };
}

/** How to reach a cluster's API; undefined before the cluster has keys and an address. */
export function apiOf(cluster: Cluster): Api | undefined {
  const addresses = addressesOf(cluster);
  const keys = join(cluster.directory, "keys");
  if (!addresses || !existsSync(keys)) return undefined;
  const read = (file: string) => readFileSync(join(keys, file), "utf8");
  return {
    url: `https://${addresses.node}:${API_PORT}`,
    tls: { ca: read("ca.crt"), cert: read("admin.crt"), key: read("admin.key") },
  };
}

/** Reads an object; undefined when it is not there, or the API does not answer yet. */
export async function readObject(api: Api, path: string): Promise<ApiObject | undefined> {
  const response = await request(api, path, {});
  return response?.ok ? ((await response.json()) as ApiObject) : undefined;
}

/** Makes an object, or brings it to what the manifest says; false when the API did not take it. */
export async function applyObject(api: Api, path: string, manifest: object): Promise<boolean> {
  const response = await request(api, `${path}?fieldManager=gc-k8s-cluster&force=true`, {
    method: "PATCH",
    headers: { "Content-Type": "application/apply-patch+yaml" },
    body: JSON.stringify(manifest),
  });
  return response?.ok ?? false;
}

function request({ url, tls }: Api, path: string, init: BunFetchRequestInit): Promise<Response | undefined> {
  return fetchDirectly(url + path, { ...init, tls, signal: AbortSignal.timeout(5000) });
}
