import { expect, test } from "bun:test";
import { clientOf, rejectionOf } from "./testdata/fake-api.ts";
import { acceptWebSocket, exec, exitStatus, SUCCESS, withExecServer } from "./testdata/fake-exec.ts";

const CLOSE_STDIN = [255, 0];

test("stdin arrives whole, in frames of at most 32 KiB and their channel, and ends by the close frame", async () => {
  const data = new Uint8Array(1_000_003).map((_, index) => (index * 7 + (index >> 8)) & 0xff);
  const frames: Uint8Array[] = [];
  const message = (socket: { send(data: Uint8Array): unknown }, frame: Uint8Array) => {
    frames.push(Uint8Array.from(frame));
    if (frame[0] === 255) socket.send(SUCCESS);
  };
  await withExecServer({ message }, async (client) => {
    const { stream } = await exec(client, { stdin: true });
    await stream.write(new Uint8Array());
    await stream.write(data.subarray(0, 5));
    await stream.write(data.subarray(5));
    stream.closeStdin();
    expect(await stream.exited).toBe(0);
  });
  expect([...(frames.at(-1) ?? [])]).toEqual(CLOSE_STDIN);
  const contents = frames.slice(0, -1);
  expect(contents.every((frame) => frame[0] === 0)).toBe(true);
  expect(Math.max(...contents.map((frame) => frame.length))).toBe(32 * 1024 + 1);
  expect(Buffer.concat(contents.map((frame) => frame.subarray(1))).equals(data)).toBe(true);
});

test("what the caller does with its buffer after a write changes nothing", async () => {
  const seen: Uint8Array[] = [];
  const message = (socket: { send(data: Uint8Array): unknown }, frame: Uint8Array) => {
    if (frame[0] === 255) socket.send(SUCCESS);
    else seen.push(Uint8Array.from(frame.subarray(1)));
  };
  await withExecServer({ message }, async (client) => {
    const { stream } = await exec(client, { stdin: true });
    const piece = new Uint8Array(100_000);
    for (let round = 1; round <= 20; round++) await stream.write(piece.fill(round));
    piece.fill(0);
    stream.closeStdin();
    await stream.exited;
  });
  const all = Buffer.concat(seen);
  for (let round = 1; round <= 20; round++)
    expect(all.subarray((round - 1) * 100_000, round * 100_000).every((byte) => byte === round)).toBe(true);
});

test("a terminal's size is told on its channel", async () => {
  const sizes: string[] = [];
  const message = (socket: { send(data: Uint8Array): unknown }, frame: Uint8Array) => {
    sizes.push(`${frame[0]} ${new TextDecoder().decode(frame.subarray(1))}`);
    socket.send(SUCCESS);
  };
  await withExecServer({ message }, async (client) => {
    const { stream } = await exec(client, { tty: true });
    stream.resize(120, 40);
    await stream.exited;
  });
  expect(sizes).toEqual(['4 {"Width":120,"Height":40}']);
});

test("a server that does not read holds the writer back, and memory stays small", async () => {
  // A process of its own reads slowly: in this one it would take the client's time.
  const script = `
    const success = Uint8Array.of(3, ...new TextEncoder().encode('{"status":"Success"}'));
    const headers = { "Sec-WebSocket-Protocol": "v5.channel.k8s.io" };
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request, self) => (self.upgrade(request, { headers }) ? undefined : new Response()),
      websocket: {
        message(socket, data) {
          if (data[0] === 255) socket.send(success);
          else if (Math.random() < 0.1) Bun.sleepSync(1);
        },
      },
    });
    process.stdout.write(String(server.port));`;
  const server = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  try {
    const { value } = await server.stdout.getReader().read();
    const { stream } = await exec(clientOf(`http://127.0.0.1:${new TextDecoder().decode(value)}`), { stdin: true });
    const piece = new Uint8Array(256 * 1024);
    Bun.gc(true);
    const before = process.memoryUsage.rss();
    let most = 0;
    for (let sent = 0; sent < 256; sent++) {
      await stream.write(piece);
      most = Math.max(most, process.memoryUsage.rss() - before);
    }
    stream.closeStdin();
    expect(await stream.exited).toBe(0);
    // Of 64 MiB; what the collector has not come to yet is some MiB on its own.
    expect(most / 2 ** 20).toBeLessThan(40);
  } finally {
    server.kill();
  }
});

test("a write to a command that has ended in error is that error; after a status it is nothing", async () => {
  await withExecServer({ message: (socket) => socket.terminate() }, async (client) => {
    const { stream } = await exec(client, { stdin: true });
    const write = async () => {
      for (;;) {
        await stream.write(new Uint8Array(1000));
        await Bun.sleep(1);
      }
    };
    expect(await rejectionOf(write())).toMatchObject({ name: "ExecError" });
  });
  await withExecServer({ open: (socket) => void socket.send(exitStatus(9)) }, async (client) => {
    const { stream } = await exec(client, { stdin: true });
    expect(await stream.exited).toBe(9);
    await Bun.sleep(20);
    await stream.write(new Uint8Array(1000));
    stream.closeStdin();
    stream.resize(1, 1);
  });
});

test("an abort ends a write that waits for a blocked peer", async () => {
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, data) {
        if (!data.toString("latin1").startsWith("GET")) return;
        acceptWebSocket(socket, data.toString("latin1"));
        socket.pause();
      },
    },
  });
  const controller = new AbortController();
  try {
    const { signal } = controller;
    const { stream } = await exec(clientOf(`http://127.0.0.1:${listener.port}`), { stdin: true, signal });
    const reason = new Error("told to end");
    const write = stream.write(new Uint8Array(32 * 2 ** 20));
    write.catch(() => undefined);
    await Bun.sleep(100);
    const began = performance.now();
    controller.abort(reason);
    expect(await rejectionOf(write)).toBe(reason);
    expect(performance.now() - began).toBeLessThan(100);
  } finally {
    listener.stop(true);
  }
});
