import { afterAll, expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failing } from "./broken.ts";
import { type BrokenStart, failClearly, NO_RETRY, vague } from "./broken-start.ts";
import { rules } from "./rules.ts";

/** More than the volume in memory holds that takes the session's own files. */
const TOO_MUCH = { env: { BIG: "x".repeat(70_000_000) } };

/** Boxes that come up and fail before their agent runs. */
const IN_THE_BOX: BrokenStart[] = [
  {
    what: "too little memory for anything",
    env: { GC_K8S_MEM_REQUEST: "1Mi", GC_K8S_MEM_LIMIT: "4Mi" },
    says: new RegExp(`pod "POD": .+; raise GC_K8S_MEM_LIMIT; ${NO_RETRY}`),
  },
  {
    what: "too little memory for what is staged",
    env: { GC_K8S_MEM_LIMIT: "40Mi" },
    config: TOO_MUCH,
    says: new RegExp(`pod "POD": OOMKilled \\(exit code \\d+\\); raise GC_K8S_MEM_LIMIT; ${NO_RETRY}`),
  },
  {
    what: "an init container of the pod template that fails",
    prepare: ({ env }) => templated(`image: ${env()["GC_K8S_IMAGE"]}, command: [sh, -c, "exit 3"]`),
    says: new RegExp(
      `pod "POD": init container "prepare": Error \\(exit code 3\\); its log and the pod template say why; ${NO_RETRY}`,
    ),
  },
  {
    what: "an init container whose image is not there",
    prepare: () => templated("image: 'nope:1', imagePullPolicy: Never"),
    says: new RegExp(`pod "POD": init container "prepare": ErrImageNeverPull: .*; load the image .*; ${NO_RETRY}`),
  },
  {
    what: "a volume that is full",
    config: TOO_MUCH,
    says: new RegExp(
      `staging failed: .*No space left on device.*; the volume or the node's disk is full: stage less or make room; ${NO_RETRY}`,
    ),
  },
];

/** Containers of a template say it for themselves: these tests run under each Pod Security level. */
const RESTRICTED = "securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }";
const templates = mkdtempSync(join(tmpdir(), "templates-"));
afterAll(() => rmSync(templates, { recursive: true }));

/** The setting of a pod template with an init container of these fields. */
function templated(fields: string): Record<string, string> {
  const path = join(templates, `${crypto.randomUUID()}.yaml`);
  writeFileSync(path, `spec: { initContainers: [{ name: prepare, ${RESTRICTED}, ${fields} }] }\n`);
  return { GC_K8S_POD_TEMPLATE: path };
}

rules("start whose box fails", {}, [
  {
    title: "a box that fails before its agent runs: out of memory, out of space, within 10 s",
    check: (gc) => failClearly(gc, IN_THE_BOX),
    broken: vague,
    alone: true,
  },
  {
    title: "an agent that runs out of memory while it starts is told from one that ends",
    async check({ call, name }) {
      const config = { command: "tail /dev/zero", process_names: ["claude"] };
      const { exit, stderr } = await call("start", [name()], JSON.stringify(config), { GC_K8S_MEM_LIMIT: "64Mi" });
      expect(exit).toBe(1);
      expect(stderr).toMatch(/died during startup: .*\(OOMKilled; raise GC_K8S_MEM_LIMIT; retrying does not help\)/);
    },
    broken: vague,
  },
  {
    title: "an agent that does not read its first text holds up no start, and gets Enter when it reads",
    async check({ ok, call, name }) {
      const session = name();
      const command = `stty -echo; sleep 14; read -r first; read -r second; echo "[$first|$second]"; exec sleep 600`;
      const { exit, ms } = await call("start", [session], JSON.stringify({ command, nudge: "one" }));
      expect({ exit, isInTime: ms < 10_000 }).toEqual({ exit: 0, isInTime: true });
      // The next text keeps its place behind the first.
      await ok("nudge", [session], "two");
      expect(await ok("peek", [session])).toContain("[one|two]");
    },
    broken: failing("start"),
    alone: true,
  },
]);
