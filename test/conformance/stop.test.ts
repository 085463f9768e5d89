import { expect } from "bun:test";
import { calling, doingNothing, failing, swallowing } from "./broken.ts";
import type { Provider } from "./provider.ts";
import { rules } from "./rules.ts";

rules("stop", {}, [
  {
    title: "makes is-running false at once (RPP-LIFECYCLE-003), and removes the pod",
    async check({ ok, start, kubectl }) {
      const session = await start();
      await ok("stop", [session]);
      expect(await ok("is-running", [session])).toBe("false\n");
      expect(kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name")).toBe("");
    },
    broken: doingNothing("stop"),
  },
  {
    title: "succeeds for a session that never was (RPP-LIFECYCLE-004), and twice",
    async check({ ok, start, name }) {
      await ok("stop", [name()]);
      const session = await start();
      await ok("stop", [session]);
      await ok("stop", [session]);
    },
    broken: failing("stop"),
  },
  {
    title: "leaves other sessions alone, also those whose labels look the same",
    async check({ ok, start, name }) {
      const base = name();
      const twin = `${base}_x`;
      await ok("start", [twin], JSON.stringify({ command: "sleep 300" }));
      const other = await start();
      await ok("stop", [`${base}-x`]);
      expect(await ok("is-running", [twin])).toBe("true\n");
      expect(await ok("is-running", [other])).toBe("true\n");
      await ok("stop", [twin]);
    },
    broken: calling("stop", (call) => ({ ...call, args: call.args.map((name) => name.replace("-x", "_x")) })),
  },
  {
    title: "three stops at once of different sessions succeed, and none of them runs",
    async check({ ok, start }) {
      const names = await Promise.all([start(), start(), start()]);
      await Promise.all(names.map((each) => ok("stop", [each])));
      for (const each of names) expect(await ok("is-running", [each])).toBe("false\n");
    },
    broken: doingNothing("stop"),
  },
  {
    title: "three stops at once succeed",
    async check({ ok, start }) {
      const session = await start();
      await Promise.all([1, 2, 3].map(() => ok("stop", [session])));
      expect(await ok("is-running", [session])).toBe("false\n");
    },
    broken: doingNothing("stop"),
  },
  {
    title: "removes the pod of an agent that has crashed",
    async check({ ok, start, kubectl }) {
      const session = await start({ command: "sleep 0.2; exit 3" });
      await Bun.sleep(3_000);
      expect(kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name")).not.toBe("");
      await ok("stop", [session]);
      expect(kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name")).toBe("");
    },
    broken: doingNothing("stop"),
  },
  {
    title: "removes a pod that is pending",
    async check({ call, ok, name, kubectl }) {
      const session = name();
      const starting = call("start", [session], "{}", { GC_K8S_CPU_REQUEST: "900", GC_K8S_CPU_LIMIT: "900" });
      while (kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name") === "") await Bun.sleep(50);
      await ok("stop", [session]);
      expect(kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name")).toBe("");
      expect(await starting).toMatchObject({ exit: 1 });
    },
    broken: doingNothing("stop"),
  },
  {
    title: "ends an agent that ignores TERM and HUP within 4 s",
    async check({ ok, call, start }) {
      const session = await start({ command: "trap '' TERM HUP; while :; do sleep 1; done" });
      const { exit, ms } = await call("stop", [session]);
      expect(exit).toBe(0);
      expect(ms).toBeLessThan(4_000);
      expect(await ok("is-running", [session])).toBe("false\n");
    },
    broken: slow("stop", 5_000),
  },
  {
    title: "fails with one line when the API server cannot be reached",
    async check({ call, name }) {
      const env = { KUBECONFIG: `${import.meta.dir}/unreachable.kubeconfig` };
      const { exit, stderr } = await call("stop", [name()], undefined, env);
      expect(exit).toBe(1);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    },
    broken: swallowing("stop"),
  },
]);

function slow(op: string, ms: number): (real: Provider) => Provider {
  return (real) => async (call) => {
    const outcome = await real(call);
    return call.op === op ? { ...outcome, ms: outcome.ms + ms } : outcome;
  };
}
