import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";

/** Stands between an executable and the API server and withholds the answer to one request, which the server has
 * carried out by then: the executable is caught exactly between two steps. */
export interface HoldingProxy {
  kubeconfig: string;
  /** Resolves when the first answer is being withheld. */
  held: Promise<void>;
  close(): void;
}

interface Access {
  clusters: { cluster: { server: string; "certificate-authority-data": string } }[];
  users: { user: { "client-certificate-data": string; "client-key-data": string } }[];
}

/** Makes a proxy that withholds the answers to requests whose first line matches. */
export async function holdingProxy(kubeconfig: string, request: RegExp): Promise<HoldingProxy> {
  const access = Bun.YAML.parse(readFileSync(kubeconfig, "utf8")) as Access;
  const { cluster } = access.clusters[0] ?? fail("it names no cluster");
  const { user } = access.users[0] ?? fail("it names no user");
  const { hostname, port } = new URL(cluster.server);
  const decoded = (data: string) => Buffer.from(data, "base64");
  const sockets = new Set<{ destroy(): unknown }>();
  const held = Promise.withResolvers<void>();

  function accept(client: Socket): void {
    const server = connect({
      host: hostname,
      port: Number(port),
      ca: decoded(cluster["certificate-authority-data"]),
      cert: decoded(user["client-certificate-data"]),
      key: decoded(user["client-key-data"]),
    });
    sockets.add(client).add(server);
    let isHolding = false;
    client.on("data", (data: Buffer) => {
      isHolding ||= request.test(data.toString("latin1"));
      server.write(data);
    });
    server.on("data", (data: Buffer) => {
      if (isHolding) held.resolve();
      else client.write(data);
    });
    // Either side may go away at any time: that is what this is for.
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on("error", () => other.destroy());
      socket.on("close", () => other.destroy());
    }
  }

  const listener = createServer(accept);
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const localPort = typeof address === "object" ? address?.port : undefined;
  const scratch = mkdtempSync(join(tmpdir(), "holding-proxy-"));
  const path = join(scratch, "kubeconfig");
  writeFileSync(path, JSON.stringify(plainKubeconfig(`http://127.0.0.1:${localPort}`)));
  return {
    kubeconfig: path,
    held: held.promise,
    close() {
      listener.close();
      for (const socket of sockets) socket.destroy();
      rmSync(scratch, { recursive: true });
    },
  };
}

function plainKubeconfig(server: string): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "held",
    clusters: [{ name: "held", cluster: { server } }],
    users: [{ name: "held", user: {} }],
    contexts: [{ name: "held", context: { cluster: "held", user: "held" } }],
  };
}

function fail(problem: string): never {
  throw new Error(`Cannot read the cluster's kubeconfig: ${problem}`);
}
