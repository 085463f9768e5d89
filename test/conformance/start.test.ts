import { expect } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { calling, doingNothing, failing, starting, swallowing } from "./broken.ts";
import { type Gc, rules } from "./rules.ts";
import { until } from "./until.ts";

const AGENT = "bash --norc -i";

rules("start", { shared: { command: AGENT } }, [
  {
    title: "returns when the session runs (RPP-LIFECYCLE-001)",
    async check({ ok, name }) {
      const session = name();
      expect(await ok("start", [session], "{}")).toBe("");
      expect(await ok("is-running", [session])).toBe("true\n");
    },
    broken: doingNothing("start"),
  },
  {
    title: "three starts at once of different names all run",
    async check({ ok, name }) {
      const names = [name(), name(), name()];
      await Promise.all(names.map((each) => ok("start", [each], JSON.stringify({ command: "sleep 300" }))));
      for (const each of names) expect(await ok("is-running", [each])).toBe("true\n");
    },
    broken: doingNothing("start"),
  },
  {
    title: "refuses a second start of a running session with the words gc knows (RPP-LIFECYCLE-002)",
    async check({ call, shared }) {
      const { exit, stderr } = await call("start", [shared], "{}");
      expect(exit).toBe(1);
      expect(stderr).toMatch(/already exists/);
    },
    broken: swallowing("start"),
  },
  {
    title: "starts anew over a session whose agent has died, at once",
    async check({ ok, start }) {
      const session = await start({ command: "exit 3" });
      await ok("start", [session], JSON.stringify({ command: "sleep 300" }));
      expect(await ok("is-running", [session])).toBe("true\n");
    },
    broken: failing("start"),
  },
  {
    title: "gives the agent its environment, byte for byte, and none of the controller's own",
    async check({ ok, start, name }) {
      const session = name();
      const value = "a 'b' \"c\" $(d) `e` \\ é\n\nend ";
      const config = { command: AGENT, env: { VALUE: value, EMPTY: "", PATH: "/nowhere", HOME: "/nowhere" } };
      await ok("start", [session], JSON.stringify(config));
      await type({ ok }, session, 'printf %s "$VALUE" | base64 -w0; printf "[%s]" "${EMPTY-unset}" "$HOME"; echo');
      const expected = `${Buffer.from(value).toString("base64")}[][/home/gcagent]`;
      await until(async () => (await ok("peek", [session, "0"])).replaceAll("\n", "").includes(expected));
      await start();
    },
    broken: starting((config) => ({ ...config, env: {} })),
  },
  {
    title: "puts nothing of the session into the pod object",
    async check({ ok, name, kubectl }) {
      const session = name();
      const secret = "canary-8c1f";
      const config = { command: `: ${secret}; exec sleep 300`, env: { TOKEN: secret }, nudge: secret };
      await ok("start", [session], JSON.stringify(config));
      expect(kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "json")).not.toContain(secret);
    },
    broken: calling("start", (call) => ({ ...call, env: { GC_K8S_PRIORITY_CLASS_NAME: "canary-8c1f" } })),
  },
  {
    title: "stages the work directory and runs the agent in it",
    async check({ ok, name }) {
      const session = name();
      const work = workDirectory();
      try {
        await ok("start", [session], JSON.stringify({ command: AGENT, work_dir: work }));
      } finally {
        rmSync(work, { recursive: true });
      }
      await type({ ok }, session, 'find . -printf "%y %m %p %l;" | tr -d "\\n"; pwd');
      await until(async () => {
        const screen = (await ok("peek", [session, "0"])).replaceAll("\n", "");
        return ["f 755 ./bin/run ;", "l 777 ./link bin/run;", "d 755 ./empty ;", "./ü b ;", "/workspace"].every(
          (part) => screen.includes(part),
        );
      });
    },
    broken: starting(({ work_dir: _, ...config }) => config),
  },
  {
    title: "puts a work directory below the city where the city's own paths lead",
    async check({ ok, name }) {
      const session = name();
      const city = mkdtempSync(join(tmpdir(), "city-"));
      const work = join(city, "rig");
      mkdirSync(work);
      writeFileSync(join(work, "file"), "x");
      const config = { command: AGENT, work_dir: work, env: { GC_CITY: city, GC_RIG_ROOT: work, OTHER: `${city}2` } };
      try {
        await ok("start", [session], JSON.stringify(config));
      } finally {
        rmSync(city, { recursive: true });
      }
      await type({ ok }, session, 'echo "$PWD $GC_CITY $GC_DIR $GC_RIG_ROOT $OTHER $(ls)"');
      const expected = `/workspace/rig /workspace /workspace/rig /workspace/rig ${city}2 file`;
      await until(async () => (await ok("peek", [session, "0"])).includes(expected));
    },
    broken: starting((config) => ({ ...config, env: {} })),
  },
  {
    title: "bears any name of a variable and of a directory, and leaves files to others as usual",
    async check({ ok, name }) {
      const session = name();
      const city = mkdtempSync(join(tmpdir(), "city-"));
      const work = mkdtempSync(join(city, "C#Project #{pane_id};"));
      const env = { run: "/nowhere", work_dir: "/nowhere", command: "false", IFS: "/", GC_CITY: city };
      try {
        await ok("start", [session], JSON.stringify({ command: "touch made; exec sleep 300", work_dir: work, env }));
      } finally {
        rmSync(city, { recursive: true });
      }
      expect(await ok("exec", [session], "pwd; stat -c %a made")).toBe(`/workspace/${basename(work)}\n644\n`);
    },
    broken: failing("start"),
  },
  {
    title: "types the nudge once the agent is up",
    async check({ ok, name }) {
      const session = name();
      await ok("start", [session], JSON.stringify({ command: AGENT, nudge: "echo first-$((40 + 2))-text" }));
      await until(async () => (await ok("peek", [session])).includes("first-42-text"));
    },
    broken: starting(({ nudge: _, ...config }) => config),
  },
  {
    title: "of eight starts of one name exactly one wins, and the others say that the session exists",
    async check({ call, ok, name }) {
      const session = name();
      const config = JSON.stringify({ command: "sleep 300" });
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => call("start", [session], config)));
      expect(outcomes.filter(({ exit }) => exit === 0)).toHaveLength(1);
      for (const { exit, stderr } of outcomes) if (exit !== 0) expect(stderr).toMatch(/already exists|being started/);
      expect(await ok("is-running", [session])).toBe("true\n");
    },
    broken: swallowing("start"),
  },
  {
    title: "refuses bad input with exit 1 and one line, and makes no pod",
    async check({ call, name, kubectl }) {
      const session = name();
      for (const config of [
        "",
        "not json",
        "[]",
        '"text"',
        '{"env":{"A B":"c"}}',
        '{"env":[1]}',
        '{"work_dir":"relative"}',
      ]) {
        const { exit, stderr } = await call("start", [session], config);
        expect({ config, exit, lines: stderr.trimEnd().split("\n").length }).toEqual({ config, exit: 1, lines: 1 });
      }
      expect((await call("start", [""], "{}")).exit).toBe(1);
      expect(kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name")).toBe("");
    },
    broken: swallowing("start"),
  },
  {
    title: "needs an image",
    async check({ call, name }) {
      const { exit, stderr } = await call("start", [name()], "{}", { GC_K8S_IMAGE: "" });
      expect(exit).toBe(1);
      expect(stderr).toContain("GC_K8S_IMAGE is required");
    },
    broken: swallowing("start"),
  },
  {
    title: "says within 10 s that an image is missing, and leaves no pod",
    async check({ call, name, kubectl }) {
      const session = name();
      const env = { GC_K8S_IMAGE: "localhost/absent:1", GC_K8S_IMAGE_PULL_POLICY: "Never" };
      const { exit, stderr, ms } = await call("start", [session], "{}", env);
      expect(exit).toBe(1);
      expect(stderr).toContain("ErrImageNeverPull");
      expect(ms).toBeLessThan(10_000);
      await until(() => kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name") === "");
    },
    broken: doingNothing("start"),
  },
]);

async function type({ ok }: Pick<Gc, "ok">, session: string, text: string): Promise<void> {
  await ok("nudge", [session], text);
}

function workDirectory(): string {
  const work = mkdtempSync(join(tmpdir(), "work-"));
  mkdirSync(join(work, "bin"));
  mkdirSync(join(work, "empty"), { mode: 0o755 });
  writeFileSync(join(work, "bin/run"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(work, "ü b"), "x".repeat(100_000));
  symlinkSync("bin/run", join(work, "link"));
  return work;
}
