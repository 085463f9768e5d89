import { expect } from "bun:test";
import { answering, swallowing } from "./broken.ts";
import { rules } from "./rules.ts";
import { until } from "./until.ts";

rules("process-alive", { shared: { command: "sleep 600 & exec -a claude sleep 601" } }, [
  {
    title: "sees programs of the agent's process tree, whichever of the names matches",
    async check({ ok, shared }) {
      expect(await ok("process-alive", [shared], "nothing\nsleep")).toBe("true\n");
      expect(await ok("process-alive", [shared], "claude\n")).toBe("true\n");
    },
    broken: answering("process-alive", () => "false\n"),
  },
  {
    title: "sees neither PID 1 nor its own shell, nor parts of names or patterns",
    async check({ ok, shared }) {
      expect(await ok("process-alive", [shared], "sh\ngc-box\ntmux\nslee\n.*\ncat")).toBe("false\n");
    },
    broken: answering("process-alive", () => "true\n"),
  },
  {
    // tmux takes dash for the shell of a user without a name, and dash stays before what it runs.
    title: "sees no shell before the agent, also for a user without a name",
    async check({ ok, start }) {
      const session = await start({ command: "exec sleep 300" }, { GC_K8S_RUN_AS_USER: "1234567" });
      expect(await ok("process-alive", [session], "sh\nagent")).toBe("false\n");
      expect(await ok("process-alive", [session], "sleep")).toBe("true\n");
    },
    broken: answering("process-alive", () => "true\n"),
  },
  {
    title: "is true for no names",
    async check({ ok, shared }) {
      expect(await ok("process-alive", [shared], "")).toBe("true\n");
      expect(await ok("process-alive", [shared], "\n")).toBe("true\n");
    },
    broken: answering("process-alive", () => "false\n"),
  },
  {
    title: "knows a script by its own name",
    async check({ ok, start }) {
      const session = await start({
        command: "printf 'import time\\ntime.sleep(300)\\n' > agent.py; exec python3 agent.py",
      });
      await until(async () => (await ok("process-alive", [session], "agent.py")) === "true\n");
      expect(await ok("process-alive", [session], "python3")).toBe("true\n");
    },
    broken: answering("process-alive", () => "false\n"),
  },
  {
    title: "is exact where the API lags: false as soon as the agent has ended",
    async check({ ok, start }) {
      const session = await start({ command: "sleep 1" });
      await Bun.sleep(1_500);
      expect(await ok("process-alive", [session], "sleep")).toBe("false\n");
    },
    broken: answering("process-alive", () => "true\n"),
  },
  {
    title: "is false for a stopped and for an unknown session",
    async check({ ok, start, name }) {
      const session = await start();
      await ok("stop", [session]);
      expect(await ok("process-alive", [session], "some-process")).toBe("false\n");
      expect(await ok("process-alive", [name()], "some-process")).toBe("false\n");
    },
    broken: answering("process-alive", () => "true\n"),
  },
  {
    title: "prints nothing that gc would take for an answer when the API server cannot be reached",
    async check({ call, shared }) {
      const env = { KUBECONFIG: `${import.meta.dir}/unreachable.kubeconfig` };
      expect(await call("process-alive", [shared], "sleep", env)).toMatchObject({ exit: 0, stdout: "" });
    },
    broken: (real) => async (call) =>
      call.op === "process-alive"
        ? { ...(await swallowing("process-alive")(real)(call)), stdout: "false\n" }
        : real(call),
  },
]);
