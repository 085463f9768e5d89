import { describe, expect, test } from "bun:test";
import { boxEnvironment, cityOf, type Env, environmentProblem } from "./environment.ts";

const ALIAS = { host: "dolt.gc.svc.cluster.local", port: "3307" };
const PLACES = { session: "mayor", city: "/city", workDir: "/city/rigs/a" };
const ALWAYS = { GC_CITY: "/workspace", GC_DIR: "/workspace/rigs/a", GC_TMUX_SESSION: "main", GC_SESSION: "mayor" };

function project(env: Env, places = PLACES): Env {
  return boxEnvironment(env, places, ALIAS);
}

describe("what the controller's machine alone can mean stays there", () => {
  const hostOnly =
    "PATH HOME PWD OLDPWD SHELL USER LOGNAME TMPDIR TMP TEMP TMUX TMUX_PANE TMUX_TMPDIR SSH_AUTH_SOCK SSH_AGENT_PID " +
    "GPG_AGENT_INFO DBUS_SESSION_BUS_ADDRESS DISPLAY WAYLAND_DISPLAY XAUTHORITY XDG_RUNTIME_DIR XDG_CONFIG_HOME " +
    "XDG_CACHE_HOME XDG_DATA_HOME XDG_STATE_HOME CLAUDE_CONFIG_DIR CODEX_HOME GC_BIN GC_HOME GC_K8S_LOG GC_K8S_POD_TEMPLATE GC_TRANSCRIPTS_DEST KUBECONFIG";
  const choices = "GC_BEADS GC_SESSION GC_EVENTS GC_MAIL GC_K8S_DOLT_HOST GC_K8S_DOLT_PORT";
  test.each(`${hostOnly} ${choices}`.split(" "))("%s", (name) => {
    expect(project({ [name]: "/some/value" })).toEqual(ALWAYS);
  });
});

test("a session that is called as one of gc's own providers does not select it", () => {
  expect(project({}, { ...PLACES, session: "k8s" })).not.toHaveProperty("GC_SESSION");
});

test("everything else passes as it is, empty values too", () => {
  const env = {
    TZ: "UTC",
    LANG: "C.UTF-8",
    ANTHROPIC_API_KEY: "secret $(x) 'y'",
    GC_AGENT: "rig/worker",
    GC_CONTROLLER_TOKEN: "",
    GC_MCP_MAIL_URL: "http://mail",
    GC_DOLT_USER: "root",
    GC_DOLT_PASSWORD: "p",
    BEADS_DOLT_PASSWORD: "p",
    SOME_PATH: "/city/not/mapped",
  };
  expect(project(env)).toEqual({ ...env, ...ALWAYS });
});

describe("variables that hold a path", () => {
  const runtime = { GC_CITY_RUNTIME_DIR: "/var/gc-runtime" };
  const rows: [string, string, Env, string][] = [
    ["GC_CITY_PATH", "/city", {}, "/workspace"],
    ["GC_CITY_ROOT", "/anything", {}, "/workspace"],
    ["GC_CITY_ROOT", "", {}, ""],
    ...["GC_STORE_ROOT", "GC_RIG_ROOT", "BEADS_DIR", "GT_ROOT", "GC_PACK_DIR", "GC_BEADS_SCOPE_ROOT"].flatMap(
      (name): [string, string, Env, string][] => [
        [name, "/city/rigs/a", {}, "/workspace/rigs/a"],
        [name, "/city", {}, "/workspace"],
        [name, "/city2/rigs", {}, "/city2/rigs"],
        [name, "", {}, ""],
      ],
    ),
    ["GC_CITY_RUNTIME_DIR", "/city/.gc/runtime", {}, "/workspace/.gc/runtime"],
    ["GC_CITY_RUNTIME_DIR", "/var/gc-runtime", {}, "/workspace/.gc/runtime"],
    ...["GC_PACK_STATE_DIR", "GC_CONTROL_DISPATCHER_TRACE_DEFAULT"].flatMap((name): [string, string, Env, string][] => [
      [name, "/city/.gc/x", runtime, "/workspace/.gc/x"],
      [name, "/var/gc-runtime/x", runtime, "/workspace/.gc/runtime/x"],
      [name, "/var/gc-runtime", runtime, "/workspace/.gc/runtime"],
      [name, "/var/gc-runtime2/x", runtime, "/var/gc-runtime2/x"],
      [name, "/elsewhere/x", {}, "/elsewhere/x"],
    ]),
  ];
  test.each(rows)("%s=%s beside %p is %s", (name, value, others, expected) => {
    expect(project({ ...others, [name]: value })[name]).toBe(expected);
  });
});

describe("the city's own variables", () => {
  test("GC_DIR and GC_TMUX_SESSION replace what came", () => {
    expect(project({ GC_DIR: "/city/rigs/a", GC_TMUX_SESSION: "other" })).toEqual(ALWAYS);
  });
  test("without a city and without GC_CITY there is no GC_CITY", () => {
    const { GC_CITY: _, ...always } = ALWAYS;
    expect(project({}, { ...PLACES, city: "", workDir: "/w" })).toEqual({ ...always, GC_DIR: "/workspace" });
  });
  test("an empty GC_CITY becomes the box's", () => {
    expect(project({ GC_CITY: "" }, { session: "mayor", city: "", workDir: "" })["GC_CITY"]).toBe("/workspace");
  });
  test.each<[Env, string]>([
    [{ GC_CITY: "/a", GC_CITY_PATH: "/b", GC_CITY_ROOT: "/c" }, "/a"],
    [{ GC_CITY: " ", GC_CITY_PATH: "/b", GC_CITY_ROOT: "/c" }, "/b"],
    [{ GC_CITY: "", GC_CITY_ROOT: "/c" }, "/c"],
    [{ GC_CITY: " /a " }, "/a"],
    [{}, ""],
  ])("the city of %p is %p", (env, city) => {
    expect(cityOf(env)).toBe(city);
  });
});

describe("Dolt", () => {
  const target = (host: string, port: string) => ({
    GC_DOLT_HOST: host,
    GC_DOLT_PORT: port,
    BEADS_DOLT_SERVER_HOST: host,
    BEADS_DOLT_SERVER_PORT: port,
  });
  const alias = target(ALIAS.host, ALIAS.port);
  test.each<[Env, Env]>([
    [{}, {}],
    [{ GC_DOLT_HOST: "", GC_DOLT_PORT: "" }, {}],
    [{ BEADS_DOLT_SERVER_HOST: "stale", BEADS_DOLT_SERVER_PORT: "1" }, {}],
    [{ GC_DOLT_HOST: "db.example", GC_DOLT_PORT: "3306" }, target("db.example", "3306")],
    [{ GC_DOLT_HOST: "db", GC_DOLT_PORT: "1", BEADS_DOLT_SERVER_HOST: "stale" }, target("db", "1")],
    [{ GC_DOLT_PORT: "3306" }, alias],
    [{ GC_DOLT_HOST: "", GC_DOLT_PORT: "3306" }, alias],
    ...["127.0.0.1", "localhost", "LocalHost", "0.0.0.0", "::1", "::"].map((host): [Env, Env] => [
      { GC_DOLT_HOST: host, GC_DOLT_PORT: "3306" },
      alias,
    ]),
    ...["127.0.0.11", "localhost.example", "10.0.0.1", "::2"].map((host): [Env, Env] => [
      { GC_DOLT_HOST: host, GC_DOLT_PORT: "3306" },
      target(host, "3306"),
    ]),
  ])("%p becomes %p", (env, expected) => {
    expect(project(env)).toEqual({ ...ALWAYS, ...expected });
  });
});

describe("what no shell can hold is refused", () => {
  test.each<[Record<string, unknown>, RegExp | undefined]>([
    [{ A: "x", _b1: "" }, undefined],
    [{ "A B": "x" }, /"A B" is no name/],
    [{ "1A": "x" }, /no name/],
    [{ "A=B": "x" }, /no name/],
    [{ "": "x" }, /no name/],
    [{ "A\n": "x" }, /no name/],
    [{ É: "x" }, /no name/],
    [{ A: 1 }, /value of A is not a text/],
    [{ A: null }, /value of A is not a text/],
    [{ A: "secret\ud800" }, /^the value of A holds a NUL or half a character$/],
    [{ A: "secret\0" }, /^the value of A holds a NUL or half a character$/],
    [{ GC_DOLT_HOST: "h" }, /requires both GC_DOLT_HOST and GC_DOLT_PORT when GC_DOLT_HOST is set/],
    [{ GC_DOLT_HOST: "h", GC_DOLT_PORT: "" }, /requires both/],
    [{ GC_DOLT_HOST: "", GC_DOLT_PORT: "1" }, undefined],
  ])("%p", (env, expected) => {
    const problem = environmentProblem(env);
    if (expected) expect(problem).toMatch(expected);
    else expect(problem).toBeUndefined();
  });
});
