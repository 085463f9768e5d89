import { expect } from "bun:test";
import { calling } from "./broken.ts";
import { type Gc, rules } from "./rules.ts";
import { until } from "./until.ts";

const NOWHERE = { GC_K8S_NODE_SELECTOR: '{"no":"such"}' };
const LIMITED = { GC_K8S_MAX_PENDING: "2" };

rules("GC_K8S_MAX_PENDING", {}, [
  {
    title: "refuses a start while so many pods of the city wait to be launched, and no longer",
    async check(gc) {
      const city = { GC_K8S_CITY: gc.name() };
      const { call, name, kubectl } = gc;
      const running = name();
      expect((await call("start", [running], "{}", city)).exit).toBe(0);
      const waiting = await Promise.all([startNowhere(gc, city), startNowhere(gc, city)]);
      const refused = name();
      const { exit, stderr, ms } = await call("start", [refused], "{}", { ...city, ...LIMITED });
      expect({ exit, stderr }).toEqual({
        exit: 1,
        stderr: `start: Cannot start session "${refused}": 2 pods of city "${city.GC_K8S_CITY}" wait to be launched and GC_K8S_MAX_PENDING is 2; retry when they run\n`,
      });
      expect(ms).toBeLessThan(5_000);
      expect(await call("check-image", [gc.image], undefined, { ...city, ...LIMITED })).toMatchObject({ exit: 0 });
      // What gc acts on stays true, and another city is not counted.
      expect((await call("start", [running], "{}", { ...city, ...LIMITED })).stderr).toContain("already exists");
      const other = { GC_K8S_CITY: name() };
      expect((await call("start", [refused], "{}", { ...other, ...LIMITED })).exit).toBe(0);
      await Promise.all(waiting.map(({ ended }) => ended));
      expect((await call("start", [refused], "{}", { ...city, ...LIMITED })).exit).toBe(0);
      for (const one of [city, other]) await call("stop", [refused], undefined, one);
      await call("stop", [running], undefined, city);
      expect(kubectl("get", "pods", "-l", `gc-session=${refused}`, "-o", "name")).toBe("");
    },
    broken: calling("start", (call) => ({ ...call, env: { ...call.env, GC_K8S_MAX_PENDING: "" } })),
  },
]);

/** Begins a start whose pod waits for a node that never comes; resolves when the pod is there. */
async function startNowhere({ call, name, kubectl }: Gc, city: Record<string, string>) {
  const session = name();
  const ended = call("start", [session], "{}", { ...city, ...NOWHERE });
  await until(() => kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name") !== "");
  return { ended };
}
