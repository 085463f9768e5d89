import { expect } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { failing, printing, setting, starting } from "./broken.ts";
import { withFiles } from "./files.ts";
import { rules } from "./rules.ts";
import { until } from "./until.ts";

rules("start: the configuration", {}, [
  {
    title: "bears unknown fields, empty ones and gc's way of escaping, and runs a shell without a command",
    async check({ ok, name }) {
      const session = name();
      const config = `{"command":"","env":{"A":"\\u003ca\\u003e\\u0026"},"prompt_suffix":"x","mcp_servers":[{}],"ready_delay_ms":0}\n`;
      await ok("start", [session], config);
      await ok("nudge", [session], "printf '%s-%s' \"$A\" $((40 + 2)) >made");
      await until(async () => (await ok("exec", [session], "cat made 2>/dev/null || :")) === "<a>&-42");
    },
    broken: starting((config) => ({ ...config, command: "sleep 300" })),
  },
  {
    title: "the city's path becomes /workspace in every command, but only as whole components",
    async check(gc) {
      const { ok, name } = gc;
      const session = name();
      await withFiles({ "city/rig/x": "" }, async (root) => {
        const city = `${root}/city`;
        const text = `echo "${city}/.gc/s.json" ${city} ${city}2 /opt${city} ${city}/../x >>/tmp/seen`;
        const config = {
          command: `${text}; exec sleep 300`,
          env: { GC_CITY: city },
          pre_start: [text],
          session_setup: ["sleep 1", text],
          session_live: [text],
        };
        await ok("start", [session], JSON.stringify(config));
        const line = `/workspace/.gc/s.json /workspace ${city}2 /opt${city} /workspace/../x\n`;
        expect(await ok("exec", [session], "cat /tmp/seen")).toBe(line.repeat(4));
      });
    },
    broken: starting((config) => ({ ...config, env: {} })),
  },
  {
    title: "an agent that is to end may end at once: lifecycle one_shot",
    async check({ ok, name }) {
      const session = name();
      const config = { command: "echo done", lifecycle: "one_shot", process_names: ["claude"], ready_delay_ms: 10 };
      await ok("start", [session], JSON.stringify(config));
      await until(async () => (await ok("is-running", [session])) === "false\n");
      expect(await ok("peek", [session, "0"])).toBe("done\n");
    },
    broken: starting((config) => ({ ...config, lifecycle: "" })),
  },
  {
    title: "the first text waits for the delay that is set, and the start does not",
    async check({ ok, name }) {
      const session = name();
      const early = "early=; while read -r -t 0.01 line; do early=$line; done";
      const command = `stty -echo; echo up; sleep 8; ${early}; read -r line; echo "[$early][$line]"; exec sleep 300`;
      const config = { command, ready_delay_ms: 8000, nudge: "hello" };
      await ok("start", [session], JSON.stringify(config));
      expect(await ok("peek", [session])).not.toContain("[");
      await until(async () => (await ok("peek", [session])).includes("[][hello]"), 20_000);
    },
    broken: starting(({ ready_delay_ms: _, ...config }) => config),
  },
  {
    title: "set-up commands that hang are ended, and the session lives",
    async check({ ok, call, name }) {
      const session = name();
      await withFiles({ kept: "" }, async (root) => {
        const config = {
          command: "sleep 300",
          session_setup: ["sleep 1111", "(trap '' TERM; sleep 1112)", "touch /tmp/never"],
          session_live: ["touch /tmp/never"],
        };
        const started = await call("start", [session], JSON.stringify(config), { GC_K8S_LOG: `${root}/log` });
        expect({ exit: started.exit, isInTime: started.ms < 40_000 }).toEqual({ exit: 0, isInTime: true });
        const log = readFileSync(`${root}/log`, "utf8");
        expect(log).toContain("session_setup: Cannot drive");
        expect(log).toContain("the command was ended after 10 s");
        expect(log).toContain("session_live: not run: the steps before it took too long");
      });
      expect(await ok("exec", [session], "pgrep -fl 'sleep 111[12]'; ls /tmp/never 2>/dev/null || :")).toBe("");
      expect(await ok("is-running", [session])).toBe("true\n");
    },
    // gc would have killed it.
    broken: failing("start"),
    timeoutMs: 90_000,
  },
  {
    title: "an agent that reads nothing yet holds no start up, and gets its first text and Enter when it reads",
    async check({ ok, name }) {
      const session = name();
      const reader = [
        "import os, time, tty",
        "tty.setraw(0); print(1, flush=True)",
        'while not os.path.exists("/tmp/go"): time.sleep(0.1)',
        "os.write(3, os.read(0, 9) + os.read(0, 9))",
      ].join("\n");
      const command = `python3 -c '${reader}' 3>/tmp/read; sleep 300`;
      await ok("start", [session], JSON.stringify({ command, nudge: "hello" }));
      const read = () => ok("exec", [session], "cat /tmp/read 2>/dev/null || :");
      expect(await read()).toBe("");
      await ok("exec", [session], "touch /tmp/go");
      await until(async () => (await read()) === "hello\r");
    },
    broken: printing("exec", () => "hello\r"),
  },
  {
    title: "what fails without stopping the start is in the operation log, with no text of a command",
    async check({ ok, name }) {
      await withFiles({ kept: "" }, async (root) => {
        const config = {
          command: "sleep 300",
          pre_start: ["echo why not; : canary-1; exit 3"],
          session_setup: ["echo because >&2; : canary-2; exit 4"],
          session_setup_script: `${root}/absent.sh`,
          copy_files: [{ src: `${root}/absent`, rel_dst: "x" }],
          lifecycle: "one_shot",
        };
        await ok("start", [name()], JSON.stringify(config), { GC_K8S_LOG: `${root}/log` });
        expect(existsSync(`${root}/log`)).toBe(true);
        const log = readFileSync(`${root}/log`, "utf8");
        expect(log).toMatch(/pre_start: a command ended with 3: why not/);
        expect(log).toMatch(/session_setup: a command ended with 4: because/);
        expect(log).toContain("absent.sh");
        expect(log).toMatch(/copy_files: \\"[^"]*absent\\" is missing/);
        expect(log).not.toContain("canary");
      });
    },
    broken: setting("start", { GC_K8S_LOG: "" }),
  },
  {
    title: "the pod carries upstream's labels and annotation, for tools that look for them",
    async check(gc) {
      const session = `${gc.name()}_UPPER.x`;
      const config = { command: "sleep 300", env: { GC_AGENT: "agent", GC_ALIAS: "rig/clerk" } };
      await gc.ok("start", [session], JSON.stringify(config));
      try {
        const { items } = JSON.parse(
          gc.kubectl("get", "pods", "-l", `app=gc-agent,gc-session=${session}`, "-o", "json"),
        );
        expect(items.map(({ metadata }: { metadata: object }) => metadata)).toMatchObject([
          { labels: { "gc-agent": "rig-clerk" }, annotations: { "gc-session-name": session } },
        ]);
        expect(items[0].spec).toMatchObject({ restartPolicy: "Never", automountServiceAccountToken: false });
        expect(items[0].spec.containers[0]).toMatchObject({ name: "agent", workingDir: "/workspace" });
      } finally {
        await gc.ok("stop", [session]);
      }
    },
    broken: starting((config) => ({ ...config, env: {} })),
  },
]);
