import { expect } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { starting } from "./broken.ts";
import { withFiles } from "./files.ts";
import { type Gc, rules } from "./rules.ts";

const AGENT = "sleep 300";
const FILES = "find . -type f | LC_ALL=C sort";
const elsewhere = (config: Record<string, unknown>) => ({ ...config, work_dir: "/nonexistent" });

/** Places of a work directory that the city's own tree does not bring along, and where it is in the box then. */
const APART: [string, string, (city: string) => void, string?][] = [
  ["in the city's state", ".gc/agents/one", () => undefined],
  ["in what the city's .gcignore lists", "big/one", () => undefined],
  ["behind a link out of the city", "out/one", (city) => symlinkSync("../outside", `${city}/out`)],
  [
    "behind a link into the city's state",
    "in/one",
    (city) => symlinkSync(".gc/agents", `${city}/in`),
    ".gc/agents/one",
  ],
  ["that is a link out of the city", "own", (city) => symlinkSync(`${dirname(city)}/outside/one`, `${city}/own`)],
];

rules("staging: places", {}, [
  ...APART.map(([what, place, prepare, inBox = place]) => ({
    title: `a work directory ${what} comes with its files, and nothing beside it does`,
    async check(gc: Gc) {
      const files = Object.fromEntries(
        ["city/.gc/agents", "city/big", "outside"].flatMap((each) => [
          [`${each}/one/deep/file`, "mine"],
          [`${each}/other/file`, "another agent's"],
        ]),
      );
      await withFiles({ ...files, "city/.gcignore": "big" }, async (root) => {
        prepare(`${root}/city`);
        const config = { command: AGENT, work_dir: `${root}/city/${place}`, env: { GC_CITY: `${root}/city` } };
        const session = await gc.start(config);
        expect(await gc.ok("exec", [session], `pwd; ${FILES}; cat deep/file`)).toBe(
          `/workspace/${inBox}\n./deep/file\nmine`,
        );
        expect(await gc.ok("exec", [session], "find /workspace -path '*other*'")).toBe("");
      });
    },
    broken: starting(elsewhere),
  })),
  {
    title: "what goes below a directory that is a link goes where that leads, or in its place when it leads out",
    async check(gc) {
      const files = {
        "work/shared/own": "own",
        "work/shared/settings.json": '{"a":1}',
        "over/.claude/settings.json": '{"b":2}',
        "outside/own": "not mine",
        "over/.claude/skills/one": "skill",
        "over/out/two": "two",
        hooks: "hooks",
      };
      await withFiles(files, async (root) => {
        symlinkSync("shared", `${root}/work/.claude`);
        symlinkSync("../outside", `${root}/work/out`);
        const session = await gc.start({
          ...{ command: AGENT, work_dir: `${root}/work`, overlay_dir: `${root}/over` },
          copy_files: [{ src: `${root}/hooks`, rel_dst: ".claude/hooks" }],
        });
        expect(await gc.ok("exec", [session], `${FILES}; readlink .claude out || :`)).toBe(
          "./out/two\n./shared/hooks\n./shared/own\n./shared/settings.json\n./shared/skills/one\nshared\n",
        );
        // By its name in the overlay it is one of those that are merged.
        expect(JSON.parse(await gc.ok("exec", [session], "cat shared/settings.json"))).toEqual({ a: 1, b: 2 });
      });
    },
    broken: starting(({ overlay_dir: _, ...config }) => config),
  },
  {
    title: "git works in a worktree of a repository of the city, and knows the worktree by its place in the box",
    async check(gc) {
      await withFiles({ "city/rigs/app/file": "one\n" }, async (root) => {
        const tree = `${root}/city/.gc/worktrees/app/agent`;
        mkdirSync(dirname(tree), { recursive: true });
        const made = Bun.spawnSync(["sh", "-ec", GIT_WORKTREE, "sh", `${root}/city/rigs/app`, tree]);
        expect([made.exitCode, made.stderr.toString()]).toEqual([0, expect.any(String)]);
        const session = await gc.start({ command: AGENT, work_dir: tree, env: { GC_CITY: `${root}/city` } });
        const script =
          "echo two >>file; git status --short; git commit -qam two; git log --format=%s; git worktree list --porcelain | grep ^worktree";
        expect(await gc.ok("exec", [session], script)).toBe(
          " M file\ntwo\none\nworktree /workspace/rigs/app\nworktree /workspace/.gc/worktrees/app/agent\n",
        );
      });
    },
    // Names the city by another path, which is the same directory and no text of its files.
    broken: starting(({ env, ...config }) => {
      const { GC_CITY } = env as { GC_CITY: string };
      const other = (path: unknown) => String(path).replace(GC_CITY, `${dirname(GC_CITY)}/./city`);
      return { ...config, work_dir: other(config["work_dir"]), env: { GC_CITY: other(GC_CITY) } };
    }),
  },
  {
    title:
      "of the city, no .gc comes along at any depth, but rigs' bindings and suspensions, with their paths made the box's",
    async check(gc) {
      const files = {
        "city/.gc/site.toml": "path = '@ROOT@/city/rig'",
        "city/.gc/runtime/suspension-state.json": '{"rig":"@ROOT@/city/rig"}',
        "city/.gc/runtime/other": "state",
        "city/rig/.gc/events.jsonl": "state",
        "city/rig/deep/.gc/events.jsonl": "state",
        "city/rig/.gcignored-not": "kept",
      };
      await withFiles(files, async (root) => {
        const session = await gc.start({
          command: AGENT,
          work_dir: `${root}/city/rig`,
          env: { GC_CITY: `${root}/city` },
        });
        expect(await gc.ok("exec", [session], `cd /workspace; ${FILES}; cat .gc/site.toml .gc/runtime/*`)).toBe(
          "./.gc/runtime/suspension-state.json\n./.gc/site.toml\n./rig/.gcignored-not\n" +
            `path = '/workspace/rig'{"rig":"/workspace/rig"}`,
        );
      });
    },
    // Brings a directory of the city as it is.
    broken: starting((config) => ({
      ...config,
      copy_files: [{ src: config["work_dir"], rel_dst: "rig" }],
    })),
  },
  {
    title: "a source of copy_files that is a link is what it leads to, wherever that is",
    async check(gc) {
      await withFiles({ "outside/file": "real", "outside/tree/x": "x", "city/links/none": "" }, async (root) => {
        symlinkSync(`${root}/outside/file`, `${root}/city/links/file`);
        symlinkSync("../../outside/tree", `${root}/city/links/tree`);
        const copy_files = [
          { src: `${root}/city/links/file`, rel_dst: "to/file" },
          { src: `${root}/city/links/tree`, rel_dst: "to/tree" },
        ];
        const session = await gc.start({ command: AGENT, copy_files });
        expect(await gc.ok("exec", [session], "cd to; find . -type f -o -type l | sort; cat file")).toBe(
          "./file\n./tree/x\nreal",
        );
      });
    },
    // Brings the links themselves, as those below a source are.
    broken: starting((config) => ({
      ...config,
      copy_files: [{ src: dirname((config["copy_files"] as { src: string }[])[0]?.src ?? ""), rel_dst: "to" }],
    })),
  },
  {
    title: "an agent whose provider gc does not name gets the slot of the program that its command runs",
    async check(gc) {
      const files = { "over/per-provider/claude/own": "", "over/per-provider/codex/other": "", "over/all": "" };
      await withFiles(files, async (root) => {
        const config = { overlay_dir: `${root}/over`, command: `A=1 claude --settings x; ${AGENT}` };
        const session = await gc.start(config);
        expect(await gc.ok("exec", [session], FILES)).toBe("./all\n./own\n");
      });
    },
    broken: starting((config) => ({ ...config, command: AGENT })),
  },
]);

const GIT_WORKTREE = `cd "$1"
git init -q && git add . && git -c user.name=x -c user.email=x@x commit -qm one
git worktree add -q "$2" && git config user.name x && git config user.email x@x`;
