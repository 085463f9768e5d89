import { expect } from "bun:test";
import { printing, setting } from "./broken.ts";
import { type Gc, rules } from "./rules.ts";
import { until } from "./until.ts";

const MIRRORED = { GC_K8S_LOG_SCREEN: "true" };

rules("GC_K8S_LOG_SCREEN", {}, [
  {
    title: "the container's log has the agent's lines while it runs, without escape codes",
    async check(gc) {
      const command = `printf '\\033[31mred\\033[0m line\\033[K\\r\\n\\033]0;title\\007plain ü\\n'; exec sleep 300`;
      const session = await gc.start({ command }, MIRRORED);
      await until(() => log(gc, session).includes("plain ü\n"), 5_000);
      expect(log(gc, session)).toContain("red line\n");
      expect(log(gc, session)).not.toContain("\x1b");
      expect(await gc.ok("is-running", [session])).toBe("true\n");
    },
    broken: setting("start", { GC_K8S_LOG_SCREEN: "false" }),
  },
  {
    title: "peek after the agent's end shows the last screen, not what the log had before",
    async check(gc) {
      const command = "printf overwritten; sleep 2; printf '\\r\\033[Klast\\n'; sleep 1";
      const session = await gc.start({ command }, MIRRORED);
      await until(async () => (await gc.ok("is-running", [session])) === "false\n");
      expect(log(gc, session)).toContain("overwritten");
      expect(await gc.ok("peek", [session, "0"])).toBe("last\n");
    },
    broken: printing("peek", (stdout) => `overwritten\n${stdout}`),
  },
  {
    title: "the log has nothing of a running agent's screen unless that is set",
    async check(gc) {
      const session = await gc.start({ command: "echo a secret; exec sleep 300" });
      await until(async () => (await gc.ok("peek", [session])).includes("a secret"));
      await Bun.sleep(1_000);
      expect(log(gc, session)).toBe("");
    },
    broken: setting("start", MIRRORED),
  },
]);

function log({ kubectl }: Gc, session: string): string {
  return kubectl("logs", kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name").trim());
}
