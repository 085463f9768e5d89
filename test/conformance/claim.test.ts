import { expect } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setting, starting, swallowing } from "./broken.ts";
import { withFiles } from "./files.ts";
import { type Gc, rules } from "./rules.ts";
import { until } from "./until.ts";

const CLAIM = { GC_K8S_WORKSPACE: "claim", GC_K8S_WORKSPACE_SIZE: "64Mi" };
const EPHEMERAL = { GC_K8S_WORKSPACE: "ephemeral" };
const CONFIG = { command: "exec sleep 300" };

/** How an agent may lose its pod while its work is not committed. */
const LOSSES: [string, (gc: Gc, session: string) => Promise<void> | void][] = [
  ["a stop", async (gc, session) => void (await gc.ok("stop", [session]))],
  ["the agent's death", async (gc, session) => void (await gc.call("exec", [session], "pkill -KILL -x sleep"))],
  ["an eviction, as a node's drain makes it", evict],
];

rules("durable workspace", { env: CLAIM }, [
  ...LOSSES.map(([what, lose]) => ({
    title: `an uncommitted file and one of the home directory survive ${what}`,
    async check(gc: Gc) {
      const session = await gc.start(CONFIG);
      await gc.ok("exec", [session], 'mkdir -p rig && echo work >rig/new && echo renewed >"$HOME/.token"');
      await lose(gc, session);
      await until(async () => (await gc.ok("is-running", [session])) === "false\n");
      await gc.ok("start", [session], JSON.stringify(CONFIG));
      expect(await gc.ok("exec", [session], 'cat rig/new "$HOME/.token"')).toBe("work\nrenewed\n");
    },
    broken: setting("start", EPHEMERAL),
    timeoutMs: 90_000,
  })),
  {
    title: "staging updates older files and adds new ones, but removes nothing and leaves newer ones alone",
    async check(gc) {
      await withFiles({ old: "1", mine: "1", gone: "1" }, async (root) => {
        const config = { ...CONFIG, work_dir: root };
        const session = await gc.start(config);
        await gc.ok("exec", [session], "echo agent >mine; touch -d 2020-01-01 old; rm gone; echo more >added");
        await gc.ok("stop", [session]);
        for (const [name, text] of Object.entries({ old: "2", new: "2" })) writeFileSync(`${root}/${name}`, text);
        await gc.ok("start", [session], JSON.stringify(config));
        expect(await gc.ok("exec", [session], "head -n 1 added gone mine new old")).toBe(
          "==> added <==\nmore\n\n==> gone <==\n1\n==> mine <==\nagent\n\n==> new <==\n2\n==> old <==\n2",
        );
      });
    },
    broken: setting("start", EPHEMERAL),
    timeoutMs: 90_000,
  },
  {
    title:
      "what the agent has put in a staged file's place stays and bars no start; the operation log tells what was left out",
    async check(gc) {
      await withFiles({ a: "1", "d/x": "1", b: "1" }, async (root) => {
        const config = { ...CONFIG, work_dir: root };
        const session = await gc.start(config);
        await gc.ok("exec", [session], "rm -r a d; mkdir a; echo mine | tee a/mine >d");
        await gc.ok("stop", [session]);
        writeFileSync(`${root}/new`, "2");
        await gc.ok("start", [session], JSON.stringify(config), { GC_K8S_LOG: `${root}.log` });
        expect(await gc.ok("exec", [session], "cat a/mine d new")).toBe("mine\nmine\n2");
        expect(readFileSync(`${root}.log`, "utf8")).toMatch(/staging: left out: workspace\/a: File exists/);
        rmSync(`${root}.log`);
      });
    },
    // Makes room for what is staged.
    broken: starting((config) => ({ ...config, pre_start: ["rm -rf a"] })),
    timeoutMs: 90_000,
  },
  {
    title: "credentials that the agent has renewed stay until the secret changes, and come again when they are gone",
    async check(gc) {
      const session = gc.name();
      const token = async (secret: string) => {
        await gc.ok("start", [session], JSON.stringify(CONFIG), { GC_K8S_CLAUDE_CREDENTIALS: secret });
        return await gc.ok("exec", [session], 'cat "$CLAUDE_CONFIG_DIR/.credentials.json"');
      };
      const next = async (secret: string, change: string) => {
        await gc.ok("exec", [session], `cd "$CLAUDE_CONFIG_DIR" && ${change}`);
        await gc.ok("stop", [session]);
        return await token(secret);
      };
      for (const each of ["one", "two"])
        gc.kubectl("create", "secret", "generic", `${session}-${each}`, `--from-literal=.credentials.json=${each}`);
      expect(await token(`${session}-one`)).toBe("one");
      expect(await next(`${session}-one`, "echo renewed >.credentials.json")).toBe("renewed\n");
      expect(await next(`${session}-one`, "rm .credentials.json")).toBe("one");
      expect(await next(`${session}-two`, "echo renewed >.credentials.json")).toBe("two");
    },
    broken: starting((config) => ({
      ...config,
      pre_start: ['cp -L /tmp/claude-secret/.credentials.json "$CLAUDE_CONFIG_DIR"'],
    })),
    timeoutMs: 120_000,
  },
  {
    title: "the claim has the size, class and access mode of the settings, and outlives a start that fails",
    async check(gc) {
      const session = gc.name();
      const config = { command: "exit 7", process_names: ["claude"] };
      const env = { GC_K8S_WORKSPACE_CLASS: "standard", GC_K8S_WORKSPACE_ACCESS_MODE: "ReadWriteOncePod" };
      expect((await gc.call("start", [session], JSON.stringify(config), env)).exit).toBe(1);
      const { items } = JSON.parse(gc.kubectl("get", "pvc", "-l", `gc-session=${session}`, "-o", "json"));
      expect(items).toHaveLength(1);
      expect(items[0].metadata.deletionTimestamp).toBeUndefined();
      expect(items[0].spec).toMatchObject({
        storageClassName: "standard",
        accessModes: ["ReadWriteOncePod"],
        resources: { requests: { storage: "64Mi" } },
      });
    },
    broken: setting("start", EPHEMERAL),
  },
  {
    title:
      "a claim that was made with other settings and has no volume is told of with the way out; one with a volume is kept",
    async check(gc) {
      const session = gc.name();
      const start = (env: Record<string, string>) => gc.call("start", [session], JSON.stringify(CONFIG), env);
      const nosuch = { GC_K8S_WORKSPACE_CLASS: "nosuch" };
      expect((await start(nosuch)).exit).toBe(1);
      const standard = { GC_K8S_WORKSPACE_CLASS: "standard" };
      const { exit, stderr } = await start(standard);
      expect([exit, stderr]).toEqual([1, expect.stringContaining("was made with GC_K8S_WORKSPACE_CLASS=nosuch")]);
      const [, ...words] = /\(kubectl -n \S+ (delete) (pvc) (\S+)\)/.exec(stderr) ?? [];
      gc.kubectl(...words);
      expect(await start(standard)).toMatchObject({ exit: 0, stderr: "" });
      await gc.ok("stop", [session]);
      expect(await start({ GC_K8S_WORKSPACE_ACCESS_MODE: "ReadWriteMany" })).toMatchObject({ exit: 0, stderr: "" });
    },
    broken: setting("start", EPHEMERAL),
    timeoutMs: 90_000,
  },
  {
    title: "a volume that takes longer to be made than a pod to be scheduled is waited for",
    async check(gc) {
      const session = gc.name();
      const name = `slow-${crypto.randomUUID().slice(0, 8)}`;
      const metadata = { name };
      const storageClass = {
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata,
        provisioner: "example.invalid/slow",
      };
      const volume = {
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata,
        spec: {
          storageClassName: name,
          accessModes: ["ReadWriteOnce"],
          capacity: { storage: "64Mi" },
          hostPath: { path: `/tmp/${name}`, type: "DirectoryOrCreate" },
        },
      };
      const files = { class: JSON.stringify(storageClass), volume: JSON.stringify(volume) };
      try {
        await withFiles(files, async (root) => {
          gc.kubectl("apply", "-f", `${root}/class`);
          const started = gc.call("start", [session], JSON.stringify(CONFIG), { GC_K8S_WORKSPACE_CLASS: name });
          await Bun.sleep(10_000);
          gc.kubectl("apply", "-f", `${root}/volume`);
          expect(await started).toMatchObject({ exit: 0, stderr: "" });
        });
      } finally {
        gc.kubectl("delete", "storageclass,persistentvolume", name, "--ignore-not-found", "--wait=false");
      }
    },
    broken: setting("start", { GC_K8S_WORKSPACE_CLASS: "nosuch" }),
    timeoutMs: 90_000,
  },
  {
    title: "a claim of something else under the session's name refuses the start, and is left as it is",
    async check(gc) {
      const session = await gc.start(CONFIG);
      await gc.ok("stop", [session]);
      const claim = gc.kubectl("get", "pvc", "-l", `gc-session=${session}`, "-o", "name").trim();
      gc.kubectl("annotate", "--overwrite", claim, "gc-session-name=somebody-else");
      const { exit, stderr } = await gc.call("start", [session], JSON.stringify(CONFIG));
      expect(exit).toBe(1);
      expect(stderr).toMatch(/^[^\n]*claim "[^"]+" belongs to something else\n$/);
      expect(gc.kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name")).toBe("");
      expect(gc.kubectl("get", claim, "-o", "name").trim()).toBe(claim);
    },
    broken: swallowing("start"),
  },
  {
    title: "each session has a workspace of its own",
    async check(gc) {
      const [one, other] = await Promise.all([gc.start(CONFIG), gc.start(CONFIG)]);
      await gc.ok("exec", [one], "echo mine >file");
      expect(await gc.ok("exec", [other], "ls")).toBe("");
      expect(gc.kubectl("get", "pvc", "-l", `gc-session in (${one},${other})`, "-o", "name").split("\n")).toHaveLength(
        3,
      );
    },
    broken: setting("start", EPHEMERAL),
  },
]);

/** Asks for an eviction as `kubectl drain` does, and waits until the pod is gone. */
async function evict({ kubectl }: Gc, session: string): Promise<void> {
  const pods = JSON.parse(kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "json"));
  const { name, namespace } = pods.items[0].metadata;
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  await withFiles({ "eviction.json": JSON.stringify(eviction) }, async (root) => {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
    kubectl("create", "--raw", path, "-f", `${root}/eviction.json`);
  });
}
