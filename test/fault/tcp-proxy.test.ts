import { expect, test } from "bun:test";
import { createServer } from "node:net";
import { listen, tcpProxy } from "./tcp-proxy.ts";

const REFUSE = { kind: "refuse", direction: "request", atByte: 0, connections: "all", ms: 0 } as const;
const NOBODY = { host: "127.0.0.1", port: 9 };

async function connects(port: number): Promise<boolean> {
  const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data: () => undefined } }).catch(
    () => undefined,
  );
  socket?.end();
  return socket !== undefined;
}

// Another one's answers would be judged in place of the refusal.
test("a port that is refused is none that Linux gives to whoever asks for any", async () => {
  const [low = 0] = (await Bun.file("/proc/sys/net/ipv4/ip_local_port_range").text()).split("\t").map(Number);
  const refusing = await Promise.all(Array.from({ length: 50 }, () => tcpProxy(NOBODY, REFUSE)));
  try {
    expect(Math.max(...refusing.map(({ port }) => port))).toBeLessThan(low);
    expect(new Set(refusing.map(({ port }) => port)).size).toBe(refusing.length);
  } finally {
    for (const each of refusing) each.close();
  }
});

test("a port that is open again after a while is the same", async () => {
  const proxy = await tcpProxy(NOBODY, { ...REFUSE, ms: 100 });
  try {
    expect(await connects(proxy.port)).toBe(false);
    await Bun.sleep(200);
    expect(await connects(proxy.port)).toBe(true);
  } finally {
    proxy.close();
  }
});

test("a port that is taken is told, not thrown at the process", async () => {
  const listener = createServer();
  const port = await listen(listener, 0);
  try {
    await expect(listen(createServer(), port)).rejects.toThrow("EADDRINUSE");
  } finally {
    listener.close();
  }
});
