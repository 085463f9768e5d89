import { expect } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { calling, doingNothing, failing } from "./broken.ts";
import type { Provider } from "./provider.ts";
import { type Gc, rules } from "./rules.ts";
import { stream } from "./stream.ts";
import { until } from "./until.ts";

rules("copy", { shared: { command: "sleep 600" } }, [
  {
    title: "copy-to puts a directory's contents below the workspace, with modes and links as they are",
    async check({ ok, shared, name }) {
      const to = name();
      await withTree(async (tree) => {
        mkdirSync(join(tree, "a dir"));
        writeFileSync(join(tree, "a dir", "run"), "#!/bin/sh\n", { mode: 0o755 });
        writeFileSync(join(tree, "-leading\nnewline"), "odd");
        symlinkSync("/etc/hostname", join(tree, "link"));
        await ok("copy-to", [shared, tree, to]);
      });
      expect(
        await ok("exec", [shared], `cd /workspace/${to} && find . -mindepth 1 -printf '%y %m %P|%l;' | sort -z`),
      ).toSatisfy((found: string) =>
        ["f 755 a dir/run|;", "f 644 -leading\nnewline|;", "l 777 link|/etc/hostname;"].every((each) =>
          found.includes(each),
        ),
      );
    },
    broken: doingNothing("copy-to"),
  },
  {
    title: "copy-to of a file makes exactly that file, and replaces an earlier one",
    async check({ ok, shared, name }) {
      const to = `${name()}/deep/file`;
      await withTree(async (tree) => {
        writeFileSync(join(tree, "f"), "one");
        await ok("copy-to", [shared, join(tree, "f"), to]);
        writeFileSync(join(tree, "f"), "two");
        await ok("copy-to", [shared, join(tree, "f"), to]);
      });
      expect(await ok("copy-from", [shared, `/workspace/${to}`])).toBe("two");
      // Copies of other checks may be under way.
      await until(async () => (await ok("exec", [shared], "ls -A /workspace | grep -c gc-copy || :")) === "0\n");
    },
    broken: calling("copy-to", (call) => ({
      ...call,
      args: call.args.map((each) => each.replace("deep/file", "deep")),
    })),
  },
  {
    title: "bytes arrive as they were, both ways, up to 20 MB",
    async check({ ok, call, shared, name }) {
      const to = name();
      const bytes = crypto.getRandomValues(new Uint8Array(65_536));
      const content = Buffer.concat([...Array.from({ length: 320 }, () => bytes), Buffer.from("\0end\n\n")]);
      await withTree(async (tree) => {
        writeFileSync(join(tree, "f"), content);
        await ok("copy-to", [shared, join(tree, "f"), to]);
      });
      const back = await call("copy-from", [shared, to]);
      expect({ exit: back.exit, equal: Buffer.from(back.bytes).equals(content) }).toEqual({ exit: 0, equal: true });
    },
    broken: (real: Provider) => async (call) => {
      const outcome = await real(call);
      return call.op === "copy-from" ? { ...outcome, bytes: outcome.bytes.subarray(0, -1) } : outcome;
    },
  },
  {
    title: "nothing is written outside of the workspace",
    async check({ call, shared, name }) {
      const link = name();
      await withTree(async (tree) => {
        writeFileSync(join(tree, "f"), "x");
        for (const to of ["../escape", "a/../../escape"]) {
          expect((await call("copy-to", [shared, join(tree, "f"), to])).exit).toBe(1);
        }
        await call("exec", [shared], `ln -s /tmp /workspace/${link}`);
        const { exit, stderr } = await call("copy-to", [shared, join(tree, "f"), `${link}/escape`]);
        expect(exit).toBe(1);
        expect(stderr).toContain("leads out of the workspace");
      });
      expect((await call("exec", [shared], "ls /escape /tmp/escape 2>/dev/null")).stdout).toBe("");
    },
    broken: (real: Provider) => async (call) =>
      call.op === "copy-to" ? { ...(await real(call)), exit: 0 } : real(call),
  },
  {
    title: "a copy whose caller is killed leaves no process and no file in the box",
    async check(gc) {
      const session = await gc.start();
      await gc.ok("exec", [session], "head -c 64000000 /dev/zero >/workspace/large");
      // Nobody reads the stream, so the copy gets stuck.
      const from = stream(gc, "copy-from", [session, "/workspace/large"]);
      await until(async () => (await leftByCopy(gc, session)).includes("b2sum"));
      await from.kill();
      await until(async () => (await leftByCopy(gc, session)) === "");
    },
    broken: doingNothing("exec"),
  },
  {
    title: "a missing source or session is no error for copy-to; for copy-from both are",
    async check({ ok, call, shared, name }) {
      await ok("copy-to", [shared, "/nonexistent-path-for-conformance", ""]);
      await ok("copy-to", [name(), import.meta.path, "x"]);
      expect((await call("copy-from", [shared, "/nonexistent"])).exit).toBe(1);
      expect((await call("copy-from", [name(), "/etc/hostname"])).exit).toBe(1);
    },
    broken: failing("copy-to"),
  },
]);

/** Processes and files of copies that a box holds. */
async function leftByCopy({ ok }: Gc, session: string): Promise<string> {
  const look = "{ cat /proc/[0-9]*/comm; ls -A /run/gc /workspace; } 2>/dev/null | grep -E 'b2sum|tee|copy' || :";
  return await ok("exec", [session], look);
}

async function withTree(use: (tree: string) => Promise<void>): Promise<void> {
  const tree = mkdtempSync(join(tmpdir(), "copy-"));
  try {
    await use(tree);
  } finally {
    rmSync(tree, { recursive: true });
  }
}
