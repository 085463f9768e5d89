import { describe, expect, test } from "bun:test";
import { rejectionOf } from "./testdata/fake-api.ts";
import { type ExecSocket, exec, exitStatus, message, SUCCESS, withExecServer } from "./testdata/fake-exec.ts";

describe("an exec that ends as it should", () => {
  test("streams stdout and stderr, and its Success is exit code 0", async () => {
    const open = (socket: ExecSocket) => {
      socket.send(message(1, "out 1\n"));
      socket.send(message(2, "err"));
      socket.send(message(1, ""));
      socket.send(message(1, "out 2"));
      socket.send(SUCCESS);
    };
    await withExecServer({ open }, async (client) => {
      const { stream, stdout, stderr } = await exec(client);
      expect(await stream.exited).toBe(0);
      expect([stdout(), stderr()]).toEqual(["out 1\nout 2", "err"]);
      expect(client.counts).toEqual({ requests: 1, retries: 0 });
    });
  });

  test("output that arrives with the upgrade itself finds its receiver", async () => {
    const open = (socket: ExecSocket) => {
      for (let number = 0; number < 100; number++) socket.send(message(1, "x".repeat(1000)));
      socket.send(exitStatus(3));
    };
    for (let round = 0; round < 20; round++)
      await withExecServer({ open }, async (client) => {
        const { stream, stdout } = await exec(client);
        expect(await stream.exited).toBe(3);
        expect(stdout()).toHaveLength(100_000);
      });
  });

  test.each([1, 2, 113, 114, 126, 127, 137, 143, 255])("exit code %p", async (code) => {
    await withExecServer({ open: (socket) => void socket.send(exitStatus(code)) }, async (client) => {
      expect(await (await exec(client)).stream.exited).toBe(code);
    });
  });

  test("asks by the protocol, with each word of the command and each stream", async () => {
    let seen: ExecSocket["data"] | undefined;
    const open = (socket: ExecSocket) => {
      seen = socket.data;
      socket.send(SUCCESS);
    };
    await withExecServer({ open }, async (client) => {
      const command = ["sh", "-c", "echo 'é&=?#' +", ""];
      await (await exec(client, { namespace: "n/s", pod: "p?", command, stdin: true })).stream.exited;
      expect(seen?.protocol).toBe("v5.channel.k8s.io");
      expect(seen?.url.pathname).toBe("/api/v1/namespaces/n%2Fs/pods/p%3F/exec");
      const { searchParams } = seen?.url ?? new URL("http://x");
      expect(searchParams.getAll("command")).toEqual(command);
      searchParams.delete("command");
      expect(Object.fromEntries(searchParams)).toEqual({
        container: "agent",
        stdin: "true",
        stdout: "true",
        stderr: "true",
      });
      await (await exec(client, { tty: true })).stream.exited;
      expect([seen?.url.searchParams.get("tty"), seen?.url.searchParams.get("stderr")]).toEqual(["true", "false"]);
    });
  });

  test("a status followed by an unclean end is still the status", async () => {
    const open = (socket: ExecSocket) => {
      socket.send(SUCCESS);
      setTimeout(() => socket.terminate(), 5);
    };
    await withExecServer({ open }, async (client) => {
      expect(await (await exec(client)).stream.exited).toBe(0);
      await Bun.sleep(20);
    });
  });
});

describe("an exec whose end is not known", () => {
  const before: Record<string, (socket: ExecSocket) => void> = {
    "close 1000": (socket) => socket.close(1000),
    "close 1001": (socket) => socket.close(1001, "going away"),
    "close 1011": (socket) => socket.close(1011, "internal error"),
    "RST (1006)": (socket) => socket.terminate(),
    "a text frame, then Success": (socket) => {
      socket.send("text");
      socket.send(SUCCESS);
    },
    "an empty frame, then Success": (socket) => {
      socket.send(new Uint8Array());
      socket.send(SUCCESS);
    },
    "an unknown channel, then Success": (socket) => {
      socket.send(message(9, "x"));
      socket.send(SUCCESS);
    },
    "the client's own channel, then Success": (socket) => {
      socket.send(message(0, "x"));
      socket.send(SUCCESS);
    },
    "a status of length 0, then Success": (socket) => {
      socket.send(message(3, ""));
      socket.send(SUCCESS);
    },
    "bad JSON, then Success": (socket) => {
      socket.send(message(3, '{"status":"Succ'));
      socket.send(SUCCESS);
    },
    "a status of 2 MB that says nothing": (socket) => void socket.send(message(3, "x".repeat(2_000_000))),
    "a Failure of 2 MB": (socket) =>
      void socket.send(message(3, JSON.stringify({ status: "Failure", message: "x".repeat(2_000_000) }))),
    "a Failure of the runtime": (socket) =>
      void socket.send(message(3, '{"status":"Failure","reason":"InternalError","message":"no container"}')),
    "causes that are no list": (socket) =>
      void socket.send(message(3, '{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":{}}}')),
    "exit code 0 as a Failure": (socket) => void socket.send(exitStatus(0)),
    "exit code 256": (socket) => void socket.send(exitStatus(256)),
  };

  test.each(Object.entries(before))("%s", async (_, end) => {
    const open = (socket: ExecSocket) => {
      socket.send(message(1, "output that came before"));
      end(socket);
    };
    await withExecServer({ open }, async (client) => {
      const { stream } = await exec(client);
      const error = await rejectionOf(stream.exited);
      expect(error).toMatchObject({ name: "ExecError" });
      expect(String(error)).toStartWith('ExecError: exec in pod "pod": ');
      expect(String(error).length).toBeLessThan(600);
    });
  });
});

describe("the caller's abort", () => {
  async function measure(abortAfterMs: number, open?: (socket: ExecSocket) => void): Promise<number> {
    let ms = Number.NaN;
    await withExecServer(open ? { open } : {}, async (client) => {
      const controller = new AbortController();
      const reason = new Error("told to end");
      let began = 0;
      setTimeout(() => {
        began = performance.now();
        controller.abort(reason);
      }, abortAfterMs);
      const { stream } = await exec(client, { signal: controller.signal });
      expect(await rejectionOf(stream.exited)).toBe(reason);
      ms = performance.now() - began;
    });
    return ms;
  }

  test("ends a silent exec at once", async () => {
    expect(await measure(50)).toBeLessThan(100);
  });

  test("ends one that floods its output", async () => {
    const open = (socket: ExecSocket) => {
      const timer = setInterval(() => socket.send(message(1, "x".repeat(50_000))) || clearInterval(timer), 1);
    };
    expect(await measure(50, open)).toBeLessThan(200);
  });

  test("that came before begins nothing", async () => {
    let opened = 0;
    await withExecServer({ open: () => void opened++ }, async (client) => {
      const reason = new Error("too late");
      expect(await rejectionOf(exec(client, { signal: AbortSignal.abort(reason) }))).toBe(reason);
      await Bun.sleep(50);
      expect(opened).toBe(0);
    });
  });
});
