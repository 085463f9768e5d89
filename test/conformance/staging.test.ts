import { expect } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { calling, setting, starting, swallowing } from "./broken.ts";
import { withFiles } from "./files.ts";
import { rules } from "./rules.ts";
import { until } from "./until.ts";

const AGENT = "sleep 300";
/** Kind, mode, size of a file and name of everything below the current directory but pipes. */
const LISTING =
  "find . -mindepth 1 '(' -type f -printf 'f %m %s %p\\0' -o -type d -printf 'd %p\\0' ')' | LC_ALL=C sort -z | base64 -w0";

/** Unpacks what stands before the last file of the workspace, as if the stream had ended there. */
const CUTTING_TAR = `#!/bin/sh
cat >/tmp/stream
at=$(/usr/bin/tar -t -R -f /tmp/stream | sed -n 's/^block \\([0-9]*\\): workspace.*/\\1/p' | tail -n 1)
head -c $((at * 512)) /tmp/stream | /usr/bin/tar "$@"
`;
/** Puts it before the image's own. */
const FAKE_TAR_POD = `
spec:
  volumes: [{name: fake-tar, configMap: {name: "@CONFIG@", defaultMode: 493}}]
  containers: [{name: agent, volumeMounts: [{name: fake-tar, mountPath: /usr/local/bin/tar, subPath: tar}]}]
`;

rules("staging", {}, [
  {
    title: "refuses a tree that is larger than the limit before anything is made, and names its largest parts",
    async check(gc) {
      const { call, name, kubectl } = gc;
      const session = name();
      const files = { "big/data/blob": "x".repeat(900_000), "big/more/log": "x".repeat(400_000), small: "x" };
      await withFiles(files, async (root) => {
        const config = JSON.stringify({ command: AGENT, work_dir: root });
        const { exit, stderr } = await call("start", [session], config, { GC_K8S_STAGING_LIMIT: "1Mi" });
        expect(exit).toBe(1);
        expect(stderr).toMatch(
          /^[^\n]*Cannot stage 1\.\d MiB: GC_K8S_STAGING_LIMIT is 1Mi; "big\/data" has 8\d\d\.\d KiB, "big\/more" has 39\d\.\d KiB[^\n]*GC_K8S_STAGING_IGNORE[^\n]*\n$/,
        );
      });
      expect(kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name")).toBe("");
    },
    broken: swallowing("start"),
  },
  {
    title: "leaves out what a setting and .gcignore list, as git would: directories, negations, anchors",
    async check(gc) {
      const files = {
        ".gcignore": "# comment\n*.log\n!keep.log\n/top\nbuild/\n",
        "a.log": "",
        "keep.log": "",
        "deep/b.log": "",
        "deep/top": "",
        "top/x": "",
        "deep/build/x": "",
        "node_modules/x/y": "",
        file: "",
      };
      await withFiles(files, async (root) => {
        const config = { command: AGENT, work_dir: root };
        const session = await gc.start(config, { GC_K8S_STAGING_IGNORE: "node_modules, *.tmp" });
        expect(await gc.ok("exec", [session], "find . -type f | LC_ALL=C sort")).toBe(
          "./.gcignore\n./deep/top\n./file\n./keep.log\n",
        );
      });
    },
    broken: setting("start", { GC_K8S_STAGING_IGNORE: "" }),
  },
  {
    title: "what is left out counts for no limit",
    async check(gc) {
      await withFiles({ ".gcignore": "big", "big/x": "x".repeat(1_500_000) }, async (root) => {
        const session = await gc.start({ command: AGENT, work_dir: root }, { GC_K8S_STAGING_LIMIT: "1Mi" });
        expect(await gc.ok("exec", [session], "ls")).toBe("");
      });
    },
    broken: setting("start", { GC_K8S_STAGING_LIMIT: "1k" }),
  },
  {
    title:
      "a link by the city's path leads to the same file in the box; any other stays as it is and is never followed",
    async check(gc) {
      await withFiles({ "city/file": "in the city", "city/rig/own": "", "outside/secret": "canary" }, async (root) => {
        const links = {
          absolute: `${root}/city/file`,
          relative: "../file",
          out: `${root}/outside/secret`,
          climbing: "../../outside",
          neighbour: `${root}/city2/file`,
          broken: "nowhere",
        };
        for (const [name, target] of Object.entries(links)) symlinkSync(target, `${root}/city/rig/${name}`);
        const session = await gc.start({
          command: AGENT,
          work_dir: `${root}/city/rig`,
          env: { GC_CITY: `${root}/city` },
        });
        const shown = await gc.ok(
          "exec",
          [session],
          "for each in *; do echo $each $(readlink $each); done; cat absolute relative",
        );
        expect(shown.split("\n")).toEqual([
          "absolute /workspace/file",
          "broken nowhere",
          "climbing ../../outside",
          `neighbour ${root}/city2/file`,
          `out ${root}/outside/secret`,
          "own",
          "relative ../file",
          "in the cityin the city",
        ]);
        expect(await gc.ok("exec", [session], "grep -r canary /workspace || :")).toBe("");
      });
    },
    broken: starting((config) => ({ ...config, env: {} })),
  },
  {
    title: "brings any name that a file can have, empty directories and modes, and no sockets or pipes",
    async check(gc) {
      await withFiles({}, async (root) => {
        const long = "n".repeat(250);
        mkdirSync(`${root}/${long}/${long}`, { recursive: true });
        for (const name of ["-rf", "a\nb", "é 日本", " ", "*", "'\"$(id)`", `${long}/${long}/${long}`, "\\x", "#{pid}"])
          writeFileSync(`${root}/${name}`, "x");
        writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe, 0x2d])]), "bytes");
        writeFileSync(`${root}/run`, "x", { mode: 0o751 });
        mkdirSync(`${root}/empty/deep`, { recursive: true });
        Bun.spawnSync(["mkfifo", `${root}/pipe`]);
        const here = Bun.spawnSync(["sh", "-c", LISTING], { cwd: root }).stdout.toString();
        const session = await gc.start({ command: AGENT, work_dir: root });
        expect(here.length).toBeGreaterThan(1000);
        expect(await gc.ok("exec", [session], LISTING)).toBe(here);
      });
    },
    broken: starting(({ work_dir: _, ...config }) => config),
  },
  {
    title: "copy_files win over overlays, and a file may be renamed on its way",
    async check(gc) {
      const files = { "over/same": "overlay", "copy/same": "copy", "copy/deep/file": "deep", "copy/-odd name": "odd" };
      await withFiles(files, async (root) => {
        const copy_files = [
          { src: `${root}/copy/same`, rel_dst: "same" },
          { src: `${root}/copy/deep/file`, rel_dst: "a/b/renamed" },
          { src: `${root}/copy/-odd name` },
        ];
        const session = await gc.start({ command: AGENT, overlay_dir: `${root}/over`, copy_files });
        expect(await gc.ok("exec", [session], "find . -type f | LC_ALL=C sort; cat same a/b/renamed ./-odd*")).toBe(
          "./-odd name\n./a/b/renamed\n./same\ncopydeepodd",
        );
      });
    },
    broken: starting((config) => ({ ...config, copy_files: [] })),
  },
  {
    title: "an image that holds the workspace keeps it: nothing is mounted there and nothing is staged",
    async check(gc) {
      await withFiles({ staged: "" }, async (root) => {
        const config = {
          command: "touch of-the-image; exec sleep 300",
          work_dir: root,
          copy_files: [{ src: `${root}/staged` }],
        };
        const session = await gc.start(config, { GC_K8S_PREBAKED: "true" });
        expect(await gc.ok("exec", [session], "pwd; ls; grep -c ' /workspace ' /proc/self/mounts || :")).toBe(
          "/workspace\nof-the-image\n0\n",
        );
      });
    },
    broken: setting("start", { GC_K8S_PREBAKED: "" }),
  },
  {
    title: "a stream that ends between two entries starts no agent",
    async check({ call, name, kubectl }) {
      const session = name();
      const config = `fake-tar-${session}`;
      await withFiles({ "work/one": "1", "work/two": "2", tar: CUTTING_TAR, template: FAKE_TAR_POD }, async (root) => {
        kubectl("create", "configmap", config, `--from-file=tar=${root}/tar`);
        const template = readFileSync(`${root}/template`, "utf8").replace("@CONFIG@", config);
        writeFileSync(`${root}/template`, template);
        const env = { GC_K8S_POD_TEMPLATE: `${root}/template` };
        const { exit, stderr } = await call(
          "start",
          [session],
          JSON.stringify({ command: AGENT, work_dir: `${root}/work` }),
          env,
        );
        expect(exit).toBe(1);
        expect(stderr).toContain("staging failed: the stream ended early");
      });
      await until(() => kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name") === "");
    },
    broken: swallowing("start"),
  },
  {
    title: "what cannot be staged stops the start: no agent runs on half of its files",
    async check({ call, name, kubectl }) {
      const session = name();
      await withFiles({ "work/file": "x", over: "a file" }, async (root) => {
        const config = { command: AGENT, work_dir: `${root}/work`, overlay_dir: `${root}/over` };
        const { exit, stderr } = await call("start", [session], JSON.stringify(config));
        expect(exit).toBe(1);
        expect(stderr).toMatch(/^[^\n]*Cannot stage the overlay "[^"]*over": it is no directory\n$/);
      });
      const settings = ".claude/settings.json";
      await withFiles({ [`work/${settings}`]: "// none", [`over/${settings}`]: "{}" }, async (root) => {
        const config = { command: AGENT, work_dir: `${root}/work`, overlay_dir: `${root}/over` };
        const { exit, stderr } = await call("start", [session], JSON.stringify(config));
        expect([exit, stderr]).toEqual([1, expect.stringMatching(/settings.json" below it is no JSON/)]);
      });
      expect(kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name")).toBe("");
    },
    broken: calling("start", (call) => ({ ...call, stdin: "{}" })),
  },
]);
