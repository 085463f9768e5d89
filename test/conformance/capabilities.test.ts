import { expect } from "bun:test";
import { calling, failing, printing, starting, swallowing } from "./broken.ts";
import { withFiles } from "./files.ts";
import { type Gc, rules } from "./rules.ts";
import { until } from "./until.ts";

/** What may be declared, and the rule that proves it. */
const PROVED: Record<string, string> = {
  "report-attachment": "attach: shows in is-attached, also with two terminals",
  "report-activity": "get-last-activity: prints RFC 3339 in UTC, moves with the agent's output",
  "proc.exec": "exec: ends with the command's exit code, whichever that is",
  "env.workspace": "below",
  "env.identity": "below",
  "env.transcripts": "transcripts: arrive on this machine when a live agent is stopped",
};

/** Gives the box stand-ins for gc and bd, as an image with them would. */
const TOOLED = `spec:
  initContainers:
    - name: tools
      image: IMAGE
      command: [sh, -c, "for tool in gc bd; do printf '#!/bin/sh\\necho %s 1.0' $tool >/tools/$tool; chmod 755 /tools/$tool; done"]
      volumeMounts: [{ name: tools, mountPath: /tools }]
  containers:
    - name: agent
      env: [{ name: PATH, value: "/tools:/usr/local/bin:/usr/bin:/bin" }]
      volumeMounts: [{ name: tools, mountPath: /tools }]
  volumes: [{ name: tools, emptyDir: {} }]
`;
const TOOLING = { GC_K8S_TOOLING: "true" };

rules("protocol", {}, [
  {
    title: "prints version 0 and only capabilities that hold (RPP-PROTOCOL-001)",
    async check({ ok }) {
      const text = await ok("protocol", [], undefined, { GC_K8S_RUN_AS_USER: "" });
      expect(text).toMatch(/^[^\n]+\n$/);
      const { version, capabilities } = JSON.parse(text);
      expect(version).toBe(0);
      // With proc.provision gc would never call `start` again, and send neither texts nor set-up.
      expect(capabilities).toEqual(Object.keys(PROVED));
      // A user whom the image does not know has no name.
      const unnamed = await ok("protocol", [], undefined, { GC_K8S_RUN_AS_USER: "1794430000" });
      expect(JSON.parse(unnamed).capabilities).toEqual(Object.keys(PROVED).filter((name) => name !== "env.identity"));
    },
    broken: printing("protocol", (stdout) => stdout.replace("report-activity", "proc.provision")),
  },
  {
    title: "needs neither a cluster nor a name",
    async check({ ok }) {
      expect(await ok("protocol", [], undefined, { KUBECONFIG: "/nonexistent" })).toContain('"version":0');
    },
    broken: failing("protocol"),
  },
  {
    title: "an operation that is none ends with 2, and nothing else does",
    async check({ call }) {
      for (const op of ["nonsense", "--help", "Start"]) expect((await call(op, ["x"])).exit).toBe(2);
      for (const op of ["attach", "exec", "start", "provision", "check-image"])
        expect((await call(op, [""])).exit).toBe(1);
    },
    broken: failing("nonsense"),
  },
]);

rules("environment capabilities", {}, [
  {
    title: "env.workspace: a relative path of a command leads to the files of the work directory",
    async check(gc) {
      const session = await startProbe(gc);
      expect(await gc.ok("exec", [session], "cat .gc-cb-sentinel")).toBe("GC_CAPABILITY_WORKSPACE_OK");
    },
    broken: starting(({ work_dir: _, ...config }) => config),
  },
  {
    title: "env.identity: the box knows its session and its user",
    async check(gc) {
      const session = await startProbe(gc);
      expect(await gc.ok("exec", [session], "printenv GC_SESSION")).toBe(`${session}\n`);
      expect((await gc.ok("exec", [session], "whoami")).trim()).not.toBe("");
    },
    broken: calling("start", (call) => ({ ...call, stdin: String(call.stdin), args: ["somebody-else"] })),
  },
  {
    title: "env.tooling is declared only where it is set, and then gc, bd and git are there",
    async check(gc) {
      expect(await gc.ok("protocol", [], undefined, TOOLING)).toContain('"env.tooling"');
      await withFiles({ "pod.yaml": TOOLED.replace("IMAGE", gc.image) }, async (root) => {
        const session = await startProbe(gc, { ...TOOLING, GC_K8S_POD_TEMPLATE: `${root}/pod.yaml` });
        for (const tool of ["gc", "bd", "git"]) await gc.ok("exec", [session], `${tool} version`);
      });
    },
    broken: printing("protocol", (stdout) => stdout.replace(',"env.tooling"', "")),
  },
  {
    title: "a start is refused when the image lacks a tool that is declared",
    async check({ call, name, kubectl }) {
      const session = name();
      const { exit, stderr } = await call("start", [session], "{}", TOOLING);
      expect(exit).toBe(1);
      expect(stderr).toMatch(/^[^\n]*the image lacks gc, which GC_K8S_TOOLING promises[^\n]*\n$/);
      await until(() => kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name") === "");
    },
    broken: swallowing("start"),
  },
]);

/** The session of upstream's capability suite. */
async function startProbe(gc: Gc, env?: Record<string, string>): Promise<string> {
  const session = gc.name();
  await withFiles({ ".gc-cb-sentinel": "GC_CAPABILITY_WORKSPACE_OK" }, async (root) => {
    const config = {
      work_dir: root,
      command: "sleep 300",
      env: { GC_SESSION: session, GC_BEADS_API: "http://127.0.0.1:1" },
    };
    await gc.ok("start", [session], JSON.stringify(config), env);
  });
  return session;
}
