import { connect, createServer, type Socket } from "node:net";
import { listen } from "../fault/tcp-proxy.ts";

/** Stands before the API server as a load balancer whose limit no connection outlives, whatever passes on it. */
export async function shortLivedConnections(
  target: { host: string; port: number },
  lifeMs: number,
): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const server = connect(target);
    const end = () => {
      client.destroy();
      server.destroy();
    };
    const limit = setTimeout(end, lifeMs);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", end);
      socket.on("close", () => {
        clearTimeout(limit);
        end();
      });
    }
    client.pipe(server);
    server.pipe(client);
  });
  const port = await listen(listener, 0);
  return {
    port,
    close() {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
