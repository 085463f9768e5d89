import { expect } from "bun:test";
import { answering, calling, printing, swallowing } from "./broken.ts";
import { rules } from "./rules.ts";
import { until } from "./until.ts";

rules("list-running", { shared: { command: "sleep 600" } }, [
  {
    title: "finds running sessions for an empty prefix, one raw name per line",
    async check({ ok, shared, start }) {
      const other = await start();
      const names = (await ok("list-running", [""])).split("\n");
      expect(names.at(-1)).toBe("");
      expect(names).toContain(shared);
      expect(names).toContain(other);
    },
    broken: printing("list-running", (stdout) => stdout.replaceAll("\n", " ")),
  },
  {
    title: "treats the prefix as exact and as raw text",
    async check({ ok, shared, start }) {
      const other = await start();
      expect(await ok("list-running", [other])).toBe(`${other}\n`);
      expect(await ok("list-running", [shared.toUpperCase()])).toBe("");
      expect(await ok("list-running", [".*"])).toBe("");
    },
    broken: calling("list-running", (call) => ({ ...call, args: [""] })),
  },
  {
    title: "prints nothing for a city without sessions",
    async check({ ok }) {
      expect(await ok("list-running", [""], undefined, { GC_K8S_CITY: `empty-${crypto.randomUUID()}` })).toBe("");
    },
    broken: calling("list-running", (call) => ({ ...call, env: {} })),
  },
  {
    title: "does not show a stopped session",
    async check({ ok, start }) {
      const session = await start();
      await ok("stop", [session]);
      expect(await ok("list-running", [session])).toBe("");
    },
    broken: printing("list-running", (_, { args }) => `${args[0]}\n`),
  },
  {
    title: "leaves out a session whose agent has ended",
    async check({ ok, start }) {
      const session = await start({ command: "sleep 1" });
      await until(async () => (await ok("list-running", [session])) === "");
      expect(await ok("is-running", [session])).toBe("false\n");
    },
    broken: printing("list-running", (_, { args }) => `${args[0]}\n`),
  },
  {
    title: "shows the own city's sessions only",
    async check({ ok, start }) {
      const other = { GC_K8S_CITY: `other ${crypto.randomUUID()}` };
      const theirs = await start(undefined, other);
      expect(await ok("list-running", [""])).not.toContain(theirs);
      expect(await ok("list-running", [""], undefined, other)).toBe(`${theirs}\n`);
      await ok("stop", [theirs], undefined, other);
    },
    broken: calling("list-running", (call) => ({ ...call, env: { GC_K8S_CITY: "test" } })),
  },
  {
    title: "fails with a text, and never prints an empty list, when the API server cannot be reached",
    async check({ call }) {
      const env = { KUBECONFIG: `${import.meta.dir}/unreachable.kubeconfig` };
      const { exit, stdout, stderr } = await call("list-running", [""], undefined, env);
      expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
      expect(stderr).toContain("refuses connections");
    },
    broken: swallowing("list-running"),
  },
  {
    title: "three lists at once each find their own",
    async check({ ok, start }) {
      const names = await Promise.all([start(), start(), start()]);
      const lists = await Promise.all(names.map((name) => ok("list-running", [name])));
      expect(lists).toEqual(names.map((name) => `${name}\n`));
    },
    broken: answering("list-running", () => ""),
  },
]);
