import { expect } from "bun:test";
import { answering, calling, failing, printing, setting, starting } from "./broken.ts";
import { withFiles } from "./files.ts";
import { type Gc, rules } from "./rules.ts";
import { until } from "./until.ts";

/** Names that must not be those of the controller's machine, nor its choices of providers. */
const DROPPED = [
  "PATH",
  "SSH_AUTH_SOCK",
  "XDG_RUNTIME_DIR",
  "GC_BIN",
  "GC_HOME",
  "TMPDIR",
  "GC_BEADS",
  "GC_EVENTS",
  "GC_MAIL",
];

rules("start: the environment", {}, [
  {
    title: "paths of the city lead to the same place in the box",
    async check(gc) {
      await withFiles({ "city/rig/x": "" }, async (root) => {
        const city = `${root}/city`;
        const paths = {
          GC_CITY: city,
          GC_CITY_PATH: `${city}/`,
          GC_CITY_ROOT: city,
          GC_RIG_ROOT: `${city}/rig`,
          BEADS_DIR: `${city}/rig/.beads`,
          GT_ROOT: city,
          GC_STORE_ROOT: `${city}2`,
          GC_PACK_DIR: `${city}/packs/a`,
          GC_CITY_RUNTIME_DIR: "/var/run/city",
          GC_PACK_STATE_DIR: "/var/run/city/pack",
        };
        const kept = {
          GC_CONTROLLER_TOKEN: "",
          GC_STARTUP_PROMPT_DELIVERED: "1",
          GC_TEMPLATE: "a/b",
          TZ: "Asia/Tokyo",
        };
        const found = await environment(gc, { work_dir: `${city}/rig`, env: { ...paths, ...kept } });
        expect(found).toMatchObject({
          ...kept,
          GC_CITY: "/workspace",
          GC_CITY_PATH: "/workspace",
          GC_CITY_ROOT: "/workspace",
          GC_DIR: "/workspace/rig",
          GC_RIG_ROOT: "/workspace/rig",
          BEADS_DIR: "/workspace/rig/.beads",
          GT_ROOT: "/workspace",
          GC_STORE_ROOT: `${city}2`,
          GC_PACK_DIR: "/workspace/packs/a",
          GC_CITY_RUNTIME_DIR: "/workspace/.gc/runtime",
          GC_PACK_STATE_DIR: "/workspace/.gc/runtime/pack",
          GC_TMUX_SESSION: "main",
        });
      });
    },
    broken: starting((config) => ({ ...config, work_dir: "" })),
  },
  {
    title: "what names the controller's machine is dropped",
    async check(gc) {
      const found = await environment(gc, { env: Object.fromEntries(DROPPED.map((name) => [name, "/controller/x"])) });
      expect(Object.entries(found).filter(([, value]) => value === "/controller/x")).toEqual([]);
    },
    broken: printing("exec", (stdout) => `${stdout}SSH_AUTH_SOCK=/controller/x\0`),
  },
  {
    title: "the Dolt server is what the start says; a loopback or a port alone means the cluster's; nothing means none",
    async check(gc) {
      const alias = { GC_K8S_DOLT_HOST: "dolt.of.city", GC_K8S_DOLT_PORT: "4407" };
      const cases: [Record<string, string>, string[]][] = [
        [{ GC_DOLT_PORT: "3311" }, ["dolt.of.city", "4407"]],
        [{ GC_DOLT_HOST: "LocalHost", GC_DOLT_PORT: "3311" }, ["dolt.of.city", "4407"]],
        [{ GC_DOLT_HOST: "db.example", GC_DOLT_PORT: "3311", BEADS_DOLT_SERVER_HOST: "x" }, ["db.example", "3311"]],
        [{ BEADS_DOLT_SERVER_HOST: "x", BEADS_DOLT_SERVER_PORT: "1" }, []],
      ];
      await Promise.all(
        cases.map(async ([env, target]) => {
          const more = { GC_DOLT_USER: "me", GC_DOLT_PASSWORD: "secret" };
          const found = await environment(gc, { env: { ...env, ...more } }, { ...alias, GC_DOLT_PORT: "9999" });
          const names = ["GC_DOLT_HOST", "GC_DOLT_PORT", "BEADS_DOLT_SERVER_HOST", "BEADS_DOLT_SERVER_PORT"];
          const twice = target.length > 0 ? [...target, ...target] : names.map(() => undefined);
          expect(names.map((name) => found[name])).toEqual(twice);
          expect(found).toMatchObject(more);
        }),
      );
    },
    broken: setting("start", { GC_K8S_DOLT_HOST: "other", GC_K8S_DOLT_PORT: "1" }),
  },
  {
    title: "half an address of a Dolt server is refused, in the start as in the settings",
    async check({ call, name }) {
      const config = JSON.stringify({ env: { GC_DOLT_HOST: "db.example" } });
      const half = await call("start", [name()], config);
      expect(half).toMatchObject({ exit: 1 });
      expect(half.stderr).toContain("requires both GC_DOLT_HOST and GC_DOLT_PORT when GC_DOLT_HOST is set");
      const setting = await call("start", [name()], "{}", { GC_K8S_DOLT_HOST: "db.example" });
      expect(setting).toMatchObject({ exit: 1 });
      expect(setting.stderr).toContain("requires both GC_K8S_DOLT_HOST and GC_K8S_DOLT_PORT when either is set");
    },
    broken: calling("start", (call) => ({ ...call, env: { ...call.env, GC_K8S_DOLT_PORT: "1" } })),
  },
  {
    title: "agents are told of a mail server where one is set, and only there",
    async check(gc) {
      const env = { GC_CITY: "/srv/city" };
      const [told, untold] = await Promise.all([
        environment(gc, { env }, { GC_K8S_MCP_MAIL_HOST: "mail.of.city", GC_K8S_MCP_MAIL_PORT: "99" }),
        environment(gc, { env }),
      ]);
      expect(told).toMatchObject({
        GC_MAIL: "exec:gc-mail-mcp-agent-mail",
        GC_MCP_MAIL_URL: "http://mail.of.city:99",
        GC_MCP_MAIL_PROJECT: "/srv/city",
      });
      expect(untold["GC_MAIL"]).toBeUndefined();
    },
    broken: setting("start", { GC_K8S_MCP_MAIL_HOST: "other.host" }),
  },
  {
    title: "who the session is can be read as metadata from the first moment, and its process environment cannot",
    async check({ ok, name }) {
      const identity = {
        GC_SESSION_ID: "tc-1",
        GC_INSTANCE_TOKEN: 'a\'b "c" $d;\n é\n',
        GC_PROVIDER: "claude",
        GC_RUNTIME_EPOCH: "2",
        GC_CONTINUATION_EPOCH: "1",
        GC_ALIAS: "rig/clerk",
        GC_AGENT: "clerk",
      };
      const session = name();
      const config = { command: "sleep 300", env: { ...identity, OTHER: "x", GC_DRAIN: "" } };
      const begun = ok("start", [session], JSON.stringify(config));
      // gc asks while the start is under way, too, and gives up a session that is another's.
      const ask = () => ok("get-meta", [session, "GC_SESSION_ID"]);
      const early: string[] = [];
      await Promise.all([begun, until(async () => early.push(await ask()) > 0 && early.at(-1) !== "")]);
      expect(new Set(early.filter((answer) => answer !== ""))).toEqual(new Set(["tc-1"]));
      for (const [key, value] of Object.entries({ ...identity, OTHER: "", GC_DRAIN: "" }))
        expect([key, await ok("get-meta", [session, key])]).toEqual([key, value]);
    },
    broken: printing("get-meta", (stdout) => stdout.trim()),
  },
  {
    title: "it can be read, too, while the box has not heard yet that its start is final: is-running is true by then",
    async check({ ok, kubectl, name }) {
      const session = name();
      await ok("start", [session], JSON.stringify({ command: "sleep 300", env: { GC_SESSION_ID: "tc-2" } }));
      const pod = kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "jsonpath={.items[0].metadata.name}");
      // What is sent last, a broken connection holds up.
      kubectl("exec", pod, "--", "rm", "/run/gc/committed");
      expect(await ok("is-running", [session])).toBe("true\n");
      expect(await ok("get-meta", [session, "GC_SESSION_ID"])).toBe("tc-2");
      expect(await ok("process-alive", [session], "sleep")).toBe("true\n");
    },
    broken: answering("get-meta", () => ""),
  },
  {
    title: "a name that no shell can hold is refused, and one that a shell keeps for itself is dropped",
    async check(gc) {
      const { exit, stderr } = await gc.call("start", [gc.name()], '{"env":{"A-B":"x"}}');
      expect({ exit, named: stderr.includes('"A-B"') }).toEqual({ exit: 1, named: true });
      const found = await environment(gc, { env: { UID: "0", PPID: "1", SHELLOPTS: "noexec", A: "b" } });
      expect(found).toMatchObject({ A: "b" });
    },
    broken: failing("start"),
  },
]);

/** The agent's environment, as a command of the session sees it. */
async function environment(gc: Gc, config: object, env?: Record<string, string>): Promise<Record<string, string>> {
  const session = await gc.start({ command: "sleep 300", ...config }, env);
  const text = await gc.ok("exec", [session], "env -0");
  const pairs = text.split("\0").filter((each) => each !== "");
  return Object.fromEntries(pairs.map((each) => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]));
}
