import { expect } from "bun:test";
import { answering, calling, confusing, doingNothing, setting, swallowing } from "./broken.ts";
import { withFiles } from "./files.ts";
import { type Gc, rules } from "./rules.ts";
import { Terminal } from "./terminal.ts";
import { until } from "./until.ts";

const SHORT = { GC_K8S_PROVISION_IDLE_SECONDS: "5" };

rules("provision", {}, [
  {
    title: "makes a box that runs commands while the session does not run (RPP-PROVISION-001)",
    async check(gc) {
      const session = await provisioned(gc);
      expect(await gc.ok("is-running", [session])).toBe("false\n");
      expect(await gc.ok("exec", [session], "echo GC_RPP_PROVISION_OK")).toBe("GC_RPP_PROVISION_OK\n");
    },
    broken: doingNothing("provision"),
  },
  {
    title: "stages, sets and prepares as a start does, and runs no agent",
    async check({ ok, name }) {
      const session = name();
      await withFiles({ "work/file": "staged" }, async (root) => {
        const config = {
          command: "touch /tmp/agent",
          work_dir: `${root}/work`,
          env: { WHO: "me" },
          pre_start: ["touch prepared"],
        };
        await ok("provision", [session], JSON.stringify(config));
      });
      expect(await ok("exec", [session], 'cat file; ls; echo "$WHO"; ls /tmp/agent 2>/dev/null || :')).toBe(
        "stagedfile\nprepared\nme\n",
      );
    },
    broken: confusing("provision", "start"),
  },
  {
    title: "to everything but commands and copies the box is an absent session, and nothing reaches into it",
    async check(gc) {
      const { ok, call } = gc;
      const session = await provisioned(gc);
      expect(await ok("list-running", [session])).toBe("");
      for (const op of ["is-running", "is-attached"]) expect(await ok(op, [session])).toBe("false\n");
      expect(await ok("process-alive", [session], "sh\nbash\nsleep\nagent")).toBe("false\n");
      for (const op of ["interrupt", "clear-scrollback", "peek", "get-last-activity"])
        expect(await ok(op, [session])).toBe("");
      await ok("nudge", [session], "exit");
      await ok("send-keys", [session, "C-c", "C-d"]);
      await ok("set-meta", [session, "key"], "value");
      expect(await ok("get-meta", [session, "key"])).toBe("");
      await ok("remove-meta", [session, "key"]);
      expect((await call("attach", [session])).exit).toBe(1);
      expect(await ok("exec", [session], "echo still there")).toBe("still there\n");
    },
    broken: confusing("provision", "start"),
  },
  {
    title: "its box can be neither attached to nor watched",
    async check(gc) {
      const session = await provisioned(gc);
      const watch = await gc.call("watch-startup", [session]);
      expect({ exit: watch.exit, stdout: watch.stdout }).toEqual({ exit: 2, stdout: "" });
      const terminal = new Terminal(gc.commandLine("attach", [session]));
      try {
        await terminal.shows("session not found");
        await terminal.shows("ended with 1");
      } finally {
        terminal.close();
      }
      expect(phase(gc, session)).toBe("Running");
    },
    broken: answering("watch-startup", () => '{"content":""}\n'),
  },
  {
    title: "its box takes copy-to and copy-from",
    async check(gc) {
      const session = await provisioned(gc);
      await withFiles({ file: "copied\n" }, (root) => gc.ok("copy-to", [session, `${root}/file`, "a/file"]));
      expect(await gc.ok("copy-from", [session, "a/file"])).toBe("copied\n");
    },
    broken: doingNothing("copy-to"),
  },
  {
    title: "its box ends itself when it has not been used for so long as is set",
    async check(gc) {
      const session = await provisioned(gc, SHORT);
      expect(phase(gc, session)).toBe("Running");
      await until(() => phase(gc, session) === "Succeeded", 15_000);
    },
    broken: setting("provision", { GC_K8S_PROVISION_IDLE_SECONDS: "600" }),
  },
  {
    title: "each use postpones the end of its box",
    async check(gc) {
      const session = await provisioned(gc, SHORT);
      for (let use = 0; use < 5; use++) {
        await Bun.sleep(2_000);
        await gc.ok("exec", [session], "true");
      }
      expect(phase(gc, session)).toBe("Running");
    },
    broken: doingNothing("exec"),
  },
  {
    title: "a start of its name replaces its box by one with an agent",
    async check(gc) {
      const session = await provisioned(gc);
      await gc.ok("start", [session], JSON.stringify({ command: "sleep 300" }));
      expect(await gc.ok("is-running", [session])).toBe("true\n");
      expect(await gc.ok("process-alive", [session], "sleep")).toBe("true\n");
    },
    broken: doingNothing("start"),
  },
  {
    title: "fails over a running session with the words gc knows, and leaves it alone",
    async check({ start, call, ok }) {
      const session = await start();
      const { exit, stderr } = await call("provision", [session], "{}");
      expect(exit).toBe(1);
      expect(stderr).toContain("already exists");
      expect(await ok("is-running", [session])).toBe("true\n");
    },
    broken: swallowing("provision"),
  },
  {
    title: "stop removes its box",
    async check(gc) {
      const session = await provisioned(gc);
      await gc.ok("stop", [session]);
      expect(gc.kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name")).toBe("");
    },
    broken: calling("stop", (call) => ({ ...call, args: [`${call.args[0]}-other`] })),
  },
]);

async function provisioned(gc: Gc, env?: Record<string, string>): Promise<string> {
  const session = gc.name();
  await gc.ok("provision", [session], "{}", env);
  return session;
}

function phase({ kubectl }: Gc, session: string): string {
  return kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "jsonpath={.items[*].status.phase}");
}
