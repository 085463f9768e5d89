import { expect } from "bun:test";
import { starting, swallowing } from "./broken.ts";
import { vague } from "./broken-start.ts";
import { withFiles } from "./files.ts";
import { rules } from "./rules.ts";
import { until } from "./until.ts";

const AGENT = "sleep 600";
/** Parts of an agent that tells what it read before it was ready, and what after. */
const READ_EARLY = "early=; while read -r -t 0.01 line; do early=$line; done";
const READ_LINE = 'read -r line; echo "[$early][$line]"; exec sleep 600';

rules("start: what it brings and what it runs", {}, [
  {
    title: "overlays go over the work directory: packs in order, then the agent's own, each with its provider's slot",
    async check({ ok, name }) {
      const session = name();
      await withFiles(
        {
          "work/AGENTS.md": "work",
          "work/same": "work",
          "pack1/same": "pack1",
          "pack1/.gc/state": "never",
          "pack1/per-provider/claude/own": "claude",
          "pack1/per-provider/codex/other": "codex",
          "pack2/same": "pack2",
          "over/same": "over",
          "over/deep/er": "over",
        },
        async (root) => {
          const config = {
            command: AGENT,
            work_dir: `${root}/work`,
            pack_overlay_dirs: [`${root}/pack1`, `${root}/pack2`, `${root}/missing`],
            overlay_dir: `${root}/over`,
            env: { GC_PROVIDER: "claude" },
          };
          await ok("start", [session], JSON.stringify(config));
        },
      );
      expect(await ok("exec", [session], "find . -type f | sort; cat same own AGENTS.md")).toBe(
        "./AGENTS.md\n./deep/er\n./own\n./same\noverclaudework",
      );
    },
    broken: starting((config) => ({ ...config, overlay_dir: "" })),
  },
  {
    title: "tools' settings of several overlays are merged",
    async check({ ok, name }) {
      const session = name();
      const hooks = (command: string) => ({ PreToolUse: [{ matcher: "Bash", hooks: [{ type: "command", command }] }] });
      await withFiles(
        {
          "work/.claude/settings.json": JSON.stringify({ model: "a", hooks: hooks("one") }),
          "over/.claude/settings.json": JSON.stringify({ theme: "b", hooks: hooks("two") }),
        },
        async (root) => {
          const config = { command: AGENT, work_dir: `${root}/work`, overlay_dir: `${root}/over` };
          await ok("start", [session], JSON.stringify(config));
        },
      );
      const merged = JSON.parse(await ok("exec", [session], "cat .claude/settings.json"));
      expect(merged).toMatchObject({ model: "a", theme: "b" });
      expect(merged.hooks.PreToolUse[0].hooks.map((hook: { command: string }) => hook.command)).toEqual(["one", "two"]);
    },
    broken: starting((config) => ({ ...config, overlay_dir: "" })),
  },
  {
    title:
      "the work directory's AGENTS.md stands above that of the slot kiro, and a slot that is not the provider's stays away",
    async check({ ok, name }) {
      const session = name();
      const files = {
        "work/AGENTS.md": "work",
        "over/per-provider/kiro/AGENTS.md": "kiro",
        "over/per-provider/kiro/own": "",
        "over/per-provider/claude/other": "",
      };
      await withFiles(files, async (root) => {
        const config = {
          command: AGENT,
          work_dir: `${root}/work`,
          overlay_dir: `${root}/over`,
          env: { GC_PROVIDER: "kiro" },
        };
        await ok("start", [session], JSON.stringify(config));
      });
      expect(await ok("exec", [session], "ls; cat AGENTS.md")).toBe("AGENTS.md\nown\nwork");
    },
    broken: starting((config) => ({ ...config, env: {} })),
  },
  {
    title: "copy_files go below the city root; the city's own files come along with its bindings, not its state",
    async check({ ok, name }) {
      const session = name();
      await withFiles(
        {
          "city/city.toml": "name = 'x'",
          "city/.gc/events.jsonl": "state",
          "city/.gc/site.toml": "path = '@ROOT@/city/rig'",
          "city/.gc/settings.json": "{}",
          "city/rig/file": "rig",
          "scripts/a": "a",
        },
        async (root) => {
          const config = {
            command: AGENT,
            work_dir: `${root}/city/rig`,
            env: { GC_CITY_PATH: `${root}/city` },
            copy_files: [
              { src: `${root}/city/.gc/settings.json`, rel_dst: ".gc/settings.json" },
              { src: `${root}/scripts`, rel_dst: ".gc/scripts" },
              { src: `${root}/absent`, rel_dst: "absent" },
            ],
          };
          await ok("start", [session], JSON.stringify(config));
        },
      );
      expect(await ok("exec", [session], "pwd; cd /workspace && find . -type f | sort; cat .gc/site.toml")).toBe(
        "/workspace/rig\n./.gc/scripts/a\n./.gc/settings.json\n./.gc/site.toml\n./city.toml\n./rig/file\npath = '/workspace/rig'",
      );
    },
    broken: starting((config) => ({ ...config, copy_files: [] })),
  },
  {
    title:
      "pre_start runs before the agent, set-up commands after it, in its directory and environment; failures stop nothing",
    async check({ ok, name }) {
      const session = name();
      await withFiles({ "city/rig/file": "", "setup.sh": "echo script >> /tmp/steps" }, async (root) => {
        const config = {
          command: "echo agent >> /tmp/steps; exec sleep 600",
          work_dir: `${root}/city/rig`,
          env: { GC_CITY: `${root}/city`, WHO: "me" },
          pre_start: [
            "exit 3",
            'echo "pre $WHO $PWD" >> /tmp/steps',
            "if broken",
            `ls ${root}/city/rig/file >> /tmp/steps`,
          ],
          session_setup: ["sleep 0.5; echo setup >> /tmp/steps", "false"],
          session_setup_script: `${root}/setup.sh`,
          session_live: ["echo live >> /tmp/steps"],
          lifecycle: "one_shot",
        };
        await ok("start", [session], JSON.stringify(config));
      });
      expect(await ok("exec", [session], "cat /tmp/steps")).toBe(
        "pre me /workspace/rig\n/workspace/rig/file\nagent\nsetup\nscript\nlive\n",
      );
    },
    broken: starting((config) => ({ ...config, session_setup: [] })),
  },
  {
    title: "set-up commands that call tmux's session as gc does reach the one of the box",
    async check({ ok, name }) {
      const session = name();
      const config = {
        command: "sleep 300",
        env: { GC_SESSION_NAME: "gc-clerk" },
        session_setup: [`tmux set-environment -t ${session} ONE 1`, "tmux set-environment -t '=gc-clerk' TWO 2"],
      };
      await ok("start", [session], JSON.stringify(config));
      expect([await ok("get-meta", [session, "ONE"]), await ok("get-meta", [session, "TWO"])]).toEqual(["1", "2"]);
    },
    broken: starting((config) => ({ ...config, session_setup: [] })),
  },
  {
    title: "an agent that dies while it starts is a failed start that tells code and screen, and leaves no pod",
    async check({ call, name, kubectl }) {
      const session = name();
      const config = { command: "echo no credentials; sleep 1; exit 7", process_names: ["claude"] };
      const { exit, stderr } = await call("start", [session], JSON.stringify(config));
      expect(exit).toBe(1);
      expect(stderr).toMatch(
        /died during startup: its agent ended with exit code 7; what it showed says what to change; retrying does not help; it showed: .*no credentials/,
      );
      await until(() => kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name") === "");
    },
    broken: swallowing("start"),
  },
  {
    title: "a start whose session is stopped meanwhile says so, whatever it is doing, and leaves no pod",
    async check({ call, ok, name, kubectl }) {
      const isToldOf = async (steps: object, hasBegun: (session: string) => Promise<boolean>, pauseMs = 0) => {
        const session = name();
        const started = call("start", [session], JSON.stringify({ command: AGENT, ...steps }));
        await until(() => hasBegun(session), 30_000);
        await Bun.sleep(pauseMs);
        await ok("stop", [session]);
        const { exit, stderr } = await started;
        expect([exit, stderr]).toEqual([
          1,
          expect.stringMatching(/: its pod was (deleted|stopped) while it started\n$/),
        ]);
        await until(() => pods(session, "name") === "");
      };
      const pods = (session: string, output: string) =>
        kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", output);
      const hasBox = async (session: string) => pods(session, "jsonpath={.items[*].status.phase}") === "Running";
      const hasAgent = async (session: string) => (await ok("is-running", [session])) === "true\n";
      await Promise.all([
        isToldOf({ pre_start: ["sleep 60"] }, hasBox),
        isToldOf({ pre_start: ["sleep 60"] }, hasBox, 1_000),
        isToldOf({ session_setup: ["sleep 9"] }, hasAgent),
      ]);
    },
    broken: vague,
  },
  {
    title: "the first text waits for the prompt",
    async check({ ok, name }) {
      const session = name();
      // The start itself does not wait so long. What came before the prompt is read apart.
      const command = `stty -echo; sleep 8; ${READ_EARLY}; printf '  ❯ '; ${READ_LINE}`;
      const config = { command, ready_prompt_prefix: "❯ ", nudge: "hello" };
      await ok("start", [session], JSON.stringify(config));
      await until(async () => (await ok("peek", [session])).includes("[][hello]"), 20_000);
    },
    broken: starting(({ ready_prompt_prefix: _, ...config }) => config),
  },
  {
    title: "an overlay that puts a directory where a file is stops the start before anything is made",
    async check({ call, name, kubectl }) {
      const session = name();
      await withFiles({ "work/same": "file", "over/same/inside": "x" }, async (root) => {
        const config = { command: AGENT, work_dir: `${root}/work`, overlay_dir: `${root}/over` };
        const { exit, stderr } = await call("start", [session], JSON.stringify(config));
        expect(exit).toBe(1);
        expect(stderr).toContain("Cannot stage the overlay");
      });
      expect(kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name")).toBe("");
    },
    broken: swallowing("start"),
  },
]);
