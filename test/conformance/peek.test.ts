import { expect } from "bun:test";
import { answering, doingNothing, printing } from "./broken.ts";
import { rules } from "./rules.ts";
import { until } from "./until.ts";

rules("peek", { shared: { command: "seq -f 'line %g ü' 200; exec sleep 600" } }, [
  {
    title: "prints the screen with its scrollback, byte for byte",
    async check({ ok, shared }) {
      await until(async () => (await ok("peek", [shared, "0"])).includes("line 200 ü"));
      const lines = (await ok("peek", [shared, "0"])).split("\n").filter((line) => line !== "");
      expect(lines).toEqual(Array.from({ length: 200 }, (_, i) => `line ${i + 1} ü`));
    },
    broken: printing("peek", (stdout) => stdout.replaceAll("ü", "_")),
  },
  {
    title: "adds so many lines of scrollback as asked",
    async check({ ok, shared }) {
      const some = await ok("peek", [shared, "50"]);
      expect(some).toContain("line 130 ü");
      expect(some).not.toContain("line 100 ü\n");
      expect(await ok("peek", [shared])).toBe(some);
      expect(await ok("peek", [shared, "x"])).toContain("line 1 ü\n");
    },
    broken: printing("peek", (_, { args }) => `${args.length} line 130 ü`),
  },
  {
    title: "prints nothing for a session that never was",
    async check({ ok, name }) {
      expect(await ok("peek", [name(), "10"])).toBe("");
    },
    broken: answering("peek", () => "?"),
  },
  {
    title: "prints the last screen of an agent that has ended",
    async check({ ok, start }) {
      const session = await start({ command: "echo last words; sleep 0.5; exit 4" });
      await Bun.sleep(3_000);
      expect(await ok("peek", [session, "0"])).toBe("last words\n");
      expect(await ok("peek", [session, "50"])).toBe("last words\n");
    },
    broken: doingNothing("peek"),
  },
  {
    title: "fails, and prints no empty screen, when the API server cannot be reached",
    async check({ call, shared }) {
      const env = { KUBECONFIG: `${import.meta.dir}/unreachable.kubeconfig` };
      expect(await call("peek", [shared, "10"], undefined, env)).toMatchObject({ exit: 1, stdout: "" });
    },
    broken: doingNothing("peek"),
  },
]);
