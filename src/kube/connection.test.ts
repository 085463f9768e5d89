import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Connection, loadConnection } from "./connection.ts";

const signal = new AbortController().signal;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "connection-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

function connectionOf(cluster: object, user: object, context: object = {}): Connection {
  const kubeconfig = write(
    "config",
    JSON.stringify({
      "current-context": "x",
      contexts: [{ name: "x", context: { cluster: "c", user: "u", ...context } }],
      clusters: [{ name: "c", cluster: { server: "https://h:6443/", ...cluster } }],
      users: [{ name: "u", user }],
    }),
  );
  return loadConnection({ kubeconfig, env: {} });
}

async function headers(connection: Connection, refresh = false): Promise<Record<string, string>> {
  return (await connection.credentials({ refresh, signal })).headers;
}

function inPod(env: Record<string, string> = {}): Connection {
  const service = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" };
  return loadConnection({ env: { KUBECONFIG: "absent", ...service, ...env }, serviceAccountFolder: folder });
}

test("verification never depends on the environment of the process", () => {
  expect(connectionOf({}, { token: "t" }).tls.rejectUnauthorized).toBe(true);
  expect(connectionOf({ "insecure-skip-tls-verify": true }, { token: "t" }).tls).toEqual({ rejectUnauthorized: false });
  expect(connectionOf({ server: "http://h" }, { token: "t" }).tls).toEqual({ rejectUnauthorized: true });
});

test("a token file is read for every request, and its last token outlives it", async () => {
  const file = write("token", "one\n");
  const connection = connectionOf({}, { tokenFile: "token" });
  expect(await headers(connection)).toEqual({ Authorization: "Bearer one" });
  writeFileSync(file, "two");
  expect(await headers(connection, true)).toEqual({ Authorization: "Bearer two" });
  rmSync(file);
  expect(await headers(connection)).toEqual({ Authorization: "Bearer two" });
});

test("the service account of a pod is read for every request", async () => {
  write("token", "one");
  write("namespace", "team\n");
  const connection = inPod();
  expect(connection).toMatchObject({ server: "https://10.0.0.1", namespace: "team" });
  expect(await headers(connection)).toEqual({ Authorization: "Bearer one" });
  write("token", "two");
  expect(await headers(connection)).toEqual({ Authorization: "Bearer two" });
});

test("the address of a pod's API server may be of IPv6", () => {
  write("token", "one");
  const connection = inPod({ KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "6443" });
  expect(connection.server).toBe("https://[fd00::1]:6443");
});

test("outside a pod and without a kubeconfig the error says what to do", () => {
  expect(() => inPod()).toThrow(
    'Cannot find a cluster: kubeconfig "absent" has none and this is no pod: set KUBECONFIG',
  );
});

test("proxy variables count once and are then gone", () => {
  process.env["HTTPS_PROXY"] = "http://proxy:3128";
  write("token", "one");
  expect(inPod({ HTTPS_PROXY: "http://proxy:3128" }).proxy).toBe("http://proxy:3128/");
  expect(process.env["HTTPS_PROXY"]).toBeUndefined();
});

test("impersonation goes with every kind of credential", async () => {
  const user = { username: "jo", password: "p:w", as: "jane", "as-user-extra": { "a/b": ["1"] } };
  expect(await headers(connectionOf({}, user))).toEqual({
    Authorization: `Basic ${btoa("jo:p:w")}`,
    "Impersonate-User": "jane",
    "Impersonate-Extra-a%2Fb": "1",
  });
});
