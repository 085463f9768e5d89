import { expect } from "bun:test";
import { answering, failing } from "./broken.ts";
import { rules } from "./rules.ts";
import { until } from "./until.ts";

rules("is-running", { shared: { command: "sleep 600" } }, [
  {
    title: "prints exactly true for a running session (RPP-LIFECYCLE-001)",
    async check({ ok, shared }) {
      expect(await ok("is-running", [shared])).toBe("true\n");
    },
    broken: answering("is-running", () => "true \n"),
  },
  {
    title: "three questions at once are each answered for their own session",
    async check({ ok, shared, start, name }) {
      const names = [shared, name(), await start()];
      const answers = await Promise.all(names.map((each) => ok("is-running", [each])));
      expect(answers).toEqual(["true\n", "false\n", "true\n"]);
    },
    broken: answering("is-running", () => "true\n"),
  },
  {
    title: "prints exactly false for a session that never was (RPP-LIFECYCLE-005)",
    async check({ ok, name }) {
      expect(await ok("is-running", [name()])).toBe("false\n");
    },
    broken: failing("is-running"),
  },
  {
    title: "prints false for an empty name",
    async check({ ok }) {
      expect(await ok("is-running", [""])).toBe("false\n");
    },
    broken: failing("is-running"),
  },
  {
    title: "never takes a session for another whose name its own begins with",
    async check({ ok, shared }) {
      expect(await ok("is-running", [`${shared}2`])).toBe("false\n");
      expect(await ok("is-running", [shared.slice(0, -1)])).toBe("false\n");
    },
    broken: answering("is-running", () => "true\n"),
  },
  {
    title: "sees no session of another city",
    async check({ ok, shared }) {
      expect(await ok("is-running", [shared], undefined, { GC_K8S_CITY: "other" })).toBe("false\n");
    },
    broken: answering("is-running", () => "true\n"),
  },
  {
    title: "is false at most 2.5 s after the agent's end",
    alone: true,
    async check({ ok, start }) {
      const session = await start({ command: "sleep 1.5" });
      await Bun.sleep(4_000);
      expect(await ok("is-running", [session])).toBe("false\n");
    },
    broken: answering("is-running", () => "true\n"),
  },
  {
    title: "is false for an agent that ends at any moment around its start",
    async check({ ok, start }) {
      const moments = ["0", "0.01", "0.02", "0.05", "0.1", "0.2", "0.3", "0.5"];
      const sessions = await Promise.all(moments.map((seconds) => start({ command: `sleep ${seconds}` })));
      for (const session of sessions) await until(async () => (await ok("is-running", [session])) === "false\n");
    },
    broken: answering("is-running", () => "true\n"),
  },
  {
    title: "fails, and does not answer, when the API server cannot be reached",
    async check({ call, shared }) {
      const unreachable = `${import.meta.dir}/unreachable.kubeconfig`;
      const { exit, stdout, stderr } = await call("is-running", [shared], undefined, { KUBECONFIG: unreachable });
      expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect(stderr).not.toMatch(/not found|not running|already exists/i);
    },
    broken: answering("is-running", () => "false\n"),
  },
  {
    title: "is false as soon as the pod is being deleted",
    async check({ ok, start, kubectl }) {
      const session = await start({ command: "trap '' TERM HUP; while :; do sleep 1; done" });
      const pod = kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name").trim();
      kubectl("delete", pod, "--wait=false");
      expect(await ok("is-running", [session])).toBe("false\n");
      await until(() => kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name") === "", 15_000);
    },
    broken: answering("is-running", () => "true\n"),
  },
]);
