import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterStatus } from "../support/cluster.ts";
import { create } from "./broken-start.ts";
import type { TestNamespace } from "./namespace.ts";
import { until } from "./until.ts";

/** Asks a webhook about each pod of the namespace: one of this process that denies with these words, or one that nobody serves. */
export async function admissionWebhook(
  { kubectl, env }: TestNamespace,
  { denies }: { denies: string | undefined },
): Promise<undefined> {
  const namespace = env()["GC_K8S_NAMESPACE"] ?? "";
  const host = await addressTowards(kubectl("config", "view", "-o", "jsonpath={.clusters[0].cluster.server}"));
  const { cert, key } = await certificate(host);
  const server = denies === undefined ? undefined : denying(denies, { cert, key });
  const clientConfig = {
    url: `https://${host}:${server?.port ?? 1}/`,
    caBundle: Buffer.from(cert).toString("base64"),
  };
  create(kubectl, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: namespace },
    webhooks: [
      {
        name: "pods.gc-k8s.test",
        clientConfig,
        admissionReviewVersions: ["v1"],
        sideEffects: "None",
        timeoutSeconds: 5,
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
      },
    ],
  });
  // A new configuration takes effect after a moment.
  const { kubectl: path } = await clusterStatus(process.env["GC_TEST_CLUSTER"]);
  await until(() => isAsked([path, "-n", namespace], env()));
}

function denying(message: string, tls: { cert: string; key: string }): Bun.Server<undefined> {
  const server = Bun.serve({
    hostname: "0.0.0.0",
    port: 0,
    tls,
    async fetch(request) {
      const { apiVersion, kind, request: asked } = (await request.json()) as Record<string, { uid: string }>;
      return Response.json({ apiVersion, kind, response: { uid: asked?.uid, allowed: false, status: { message } } });
    },
  });
  server.unref();
  return server;
}

/** The webhook may be served by this process, which must not stand still meanwhile. */
async function isAsked(kubectl: string[], env: Record<string, string>): Promise<boolean> {
  const command = [...kubectl, "run", "probe", "--image=none", "--dry-run=server"];
  const child = Bun.spawn(command, { env: { ...process.env, ...env }, stdout: "ignore", stderr: "pipe" });
  return (await child.stderr.text()).includes("pods.gc-k8s.test");
}

/** This machine's address as the API server reaches it. */
async function addressTowards(server: string): Promise<string> {
  const { hostname, port } = new URL(server);
  const socket = connect(Number(port || 443), hostname);
  try {
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return socket.localAddress ?? "";
  } finally {
    socket.destroy();
  }
}

async function certificate(host: string): Promise<{ cert: string; key: string }> {
  const folder = mkdtempSync(join(tmpdir(), "webhook-"));
  try {
    const subject = ["-subj", "/CN=webhook", "-addext", `subjectAltName=IP:${host}`, "-days", "2", "-nodes"];
    const files = ["-keyout", "key.pem", "-out", "cert.pem", "-newkey", "rsa:2048"];
    const child = Bun.spawn(["openssl", "req", "-x509", ...files, ...subject], { cwd: folder, stderr: "ignore" });
    if ((await child.exited) !== 0) throw new Error("Cannot make a certificate: openssl failed");
    const read = (name: string) => readFileSync(join(folder, name), "utf8");
    return { cert: read("cert.pem"), key: read("key.pem") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
