// Compares our client with the real kubectl (KUBECTL: its path) on every row of the table: both send the same
// request, or both fail.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { makeCertificates } from "./certificates.ts";
import { type RecordingServer, type RequestRecord, startRecordingServer } from "./recording-server.ts";
import { configText, type Row } from "./row.ts";
import { rows } from "./rows.ts";

interface Outcome {
  exitCode: number;
  stderr: string;
  records: RequestRecord[];
}

const kubectl = process.env["KUBECTL"] ?? "";
const root = mkdtempSync(join(tmpdir(), "kubeconfig-test-"));
const pki = join(root, "pki");
const compared: RequestRecord[] = [];
let server: RecordingServer;

beforeAll(async () => {
  if (!kubectl) throw new Error("KUBECTL is not set: give the path of a kubectl 1.34");
  await makeCertificates(pki);
  server = await startRecordingServer(pki);
}, 30_000);

afterAll(() => {
  server?.close();
  rmSync(root, { recursive: true, force: true });
});

describe("same as kubectl", () => {
  for (const row of rows) {
    test(row.name, async () => {
      const theirs = await run(row, "kubectl", kubectlCommand(row));
      const ours = await run(row, "ours", [
        process.execPath,
        join(import.meta.dir, "client.ts"),
        JSON.stringify(row.options ?? {}),
      ]);
      check(row, theirs, ours);
    }, 30_000);
  }
});

test("the servers saw what is compared", () => {
  expect(compared.some(({ clientSubject }) => clientSubject?.includes("client"))).toBe(true);
  expect(compared.some(({ serverName }) => serverName === "api.test")).toBe(true);
  expect(compared.some(({ via }) => via !== "direct" && via.proxyAuthorization !== "")).toBe(true);
  expect(compared.some(({ headers }) => headers["impersonate-group"]?.[0] === "system:masters")).toBe(true);
});

function check(row: Row, theirs: Outcome, ours: Outcome): void {
  const context = `kubectl: ${JSON.stringify(theirs)}\nours: ${JSON.stringify(ours)}`;
  expect(theirs.exitCode === 0 ? "answered" : "refused", context).toBe(row.expect);
  expect(ours.exitCode === 0 ? "answered" : "refused", context).toBe(row.differs ? "refused" : row.expect);
  expect(ours.stderr, "no secret").not.toContain("hush");
  if (ours.exitCode === 0) {
    expect(ours.records).toHaveLength(1);
    expect(normal(ours.records.at(-1))).toEqual(normal(theirs.records.at(-1)));
    compared.push(...ours.records);
  } else {
    expect(ours.stderr.trimEnd().split("\n"), "one line").toHaveLength(1);
    expect(ours.records, "nothing reaches the server").toEqual([]);
  }
  if (row.says) expect(ours.stderr).toMatch(row.says);
}

function kubectlCommand({ options = {} }: Row): string[] {
  const flags = ["--cache-dir=discovery-cache"];
  if (options.context) flags.push(`--context=${options.context}`);
  if (options.kubeconfig) flags.push(`--kubeconfig=${options.kubeconfig}`);
  return [kubectl, "get", "pods", ...flags];
}

async function run(row: Row, who: string, command: string[]): Promise<Outcome> {
  const folder = mkdtempSync(join(root, `${who}-`));
  symlinkSync(pki, join(folder, "pki"));
  mkdirSync(join(folder, "home"));
  const config = row.config || !row.files ? { config: configText(row.config) } : {};
  for (const [path, text] of Object.entries({ ...config, ...row.files })) write(folder, path, text);
  for (const [path, text] of Object.entries(row.pod ?? {})) write(folder, `service-account/${path}`, text);
  const env = Object.entries({ KUBECONFIG: "config", ...(row.pod && podEnvironment), ...row.env });
  const child = Bun.spawn([...(row.pod ? inPod : []), ...command], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      HOME: join(folder, "home"),
      ...Object.fromEntries(env.map(([name, value]) => [name, fill(value, folder)])),
    },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const stderr = await child.stderr.text();
  return { exitCode: await child.exited, stderr: stderr.replaceAll(folder, "FOLDER"), records: server.take() };
}

function write(folder: string, path: string, text: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, fill(text, folder), { mode: path.endsWith(".sh") ? 0o700 : 0o600 });
}

function fill(text: string, folder: string): string {
  const { https, http, proxy, secureProxy } = server.ports;
  const values: Record<string, string | number> = {
    folder,
    server: `https://127.0.0.1:${https}`,
    https,
    http,
    proxy,
    secureProxy,
  };
  return text
    .replace(/\{\{file (\S+?)\}\}/g, (_all, name: string) => readFileSync(join(pki, name), "utf8"))
    .replace(/\{\{base64 (\S+?)\}\}/g, (_all, name: string) => readFileSync(join(pki, name)).toString("base64"))
    .replace(/\{\{(\w+)\}\}/g, (all, name: string) => String(values[name] ?? all));
}

const podEnvironment = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: "{{https}}" };

// A mount namespace of its own gives a process the folder at which kubectl looks for a service account.
const inPod = [
  ...["unshare", "--mount", ...(process.getuid?.() === 0 ? [] : ["--map-root-user"]), "sh", "-ec"],
  `mount -t tmpfs none "$(readlink -f /var/run)"
   mkdir -p /var/run/secrets/kubernetes.io
   cp -R service-account /var/run/secrets/kubernetes.io/serviceaccount
   exec "$@"`,
  "sh",
];

/** A token "info.<base64 of JSON>" is what a plugin was given, where the order of the keys does not count. */
function normal(record: RequestRecord | undefined): unknown {
  const token = record?.headers["authorization"]?.[0]?.match(/^Bearer info\.(.*)$/)?.[1];
  if (!record || token === undefined) return record;
  const info: unknown = JSON.parse(Buffer.from(token, "base64").toString());
  return { ...record, headers: { ...record.headers, authorization: info } };
}
