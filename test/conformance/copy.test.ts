import { expect } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
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
    title: "copy-to of a link that is named copies the file or the directory that it leads to",
    async check({ ok, shared, name }) {
      const to = name();
      await withTree(async (tree) => {
        mkdirSync(join(tree, "links"));
        mkdirSync(join(tree, "real"));
        writeFileSync(join(tree, "real", "file"), "real");
        symlinkSync("../real/file", join(tree, "links", "file"));
        symlinkSync(join(tree, "real"), join(tree, "links", "directory"));
        for (const each of ["file", "directory"])
          await ok("copy-to", [shared, join(tree, "links", each), `${to}/${each}`]);
      });
      expect(await ok("exec", [shared], `cd /workspace/${to} && find . -type f -o -type l | sort && cat file`)).toBe(
        "./directory/file\n./file\nreal",
      );
    },
    // Copies what is beside it, too, where links stay links.
    broken: calling("copy-to", ({ args: [session = "", source = "", to = ""], ...call }) => ({
      ...call,
      args: [session, dirname(source), dirname(to)],
    })),
  },
  ...["copy-from", "copy-to"].map((op) => ({
    title: `a ${op} whose caller is killed leaves no process and no file in the box`,
    async check(gc: Gc) {
      const session = await gc.start();
      await withTree(async (tree) => {
        // Nobody reads what copy-from prints, and nobody can send so much before this looks.
        await gc.ok("exec", [session], "truncate -s 250M /workspace/large");
        writeFileSync(join(tree, "f"), "");
        truncateSync(join(tree, "f"), 1_000_000_000);
        const copy = stream(
          gc,
          op,
          op === "copy-to" ? [session, join(tree, "f"), "to"] : [session, "/workspace/large"],
        );
        await until(async () => (await leftByCopy(gc, session)).includes("cksum"));
        await copy.kill();
      });
      await until(async () => (await leftByCopy(gc, session)) === "");
    },
    broken:
      (real: Provider): Provider =>
      async (call) => {
        const outcome = await real(call);
        // What a copy would leave.
        if (call.op === "start")
          await real({ op: "exec", args: call.args, stdin: "mkfifo /tmp/p; cksum <>/tmp/p >/dev/null 2>&1 &" });
        return outcome;
      },
  })),
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
  const look = "{ cat /proc/[0-9]*/comm; ls -A /run/gc /workspace; } 2>/dev/null | grep -E 'cksum|tee|copy' || :";
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
