import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Provider, shellCommand } from "../conformance/provider.ts";
import { until } from "../conformance/until.ts";
import { endPod } from "../support/end-pod.ts";
import type { Circumstance, Scene } from "./rights.ts";
import { DRIVING_CALLS, LOOKING_CALLS, type SessionCall } from "./session-calls.ts";

/** Sessions that calls leave as they are. */
export const SHARED = { live: "live", ended: "ended", stuck: "stuck" };

/** It takes a Ctrl-C and goes on. */
const AGENT = JSON.stringify({ command: "bash --norc -i" });
const ENDING = JSON.stringify({ command: "sleep 0.5; echo bye; exit 3" });
/** The box waits for a reader of the pipe before it tells its end, so the API goes on showing that it runs. */
const STUCK = JSON.stringify({ command: "sleep 0.5; mkfifo /run/gc/metadata; exit 3" });
/** A watch lasts as long as its agent. */
const WATCHED = JSON.stringify({ command: "sleep 15" });
const NO_IMAGE = "localhost:1/nope:1";
const NO_CREDENTIALS = { GC_K8S_IMAGE_PULL_CREDENTIALS: "nosuch" };
const CLAIM = { GC_K8S_WORKSPACE: "claim" };
const TRANSCRIPTS = join(tmpdir(), `transcripts-${process.pid}`);

/** Makes the sessions that the circumstances share. */
export async function makeShared(scene: Pick<Scene, "real" | "kubectl">): Promise<void> {
  await begun(scene.real, SHARED.live, AGENT);
  await begun(scene.real, SHARED.stuck, STUCK);
  await ended(scene, SHARED.ended);
  const looks = { op: "process-alive", args: [SHARED.stuck], stdin: "sh\nbash\nsleep\n" };
  await until(async () => (await scene.real(looks)).stdout === "false\n", 10_000);
}

/** What the operations of a session can meet, each with the rights that it then uses; the commonest first. */
export function sessionCircumstances(image: () => string): Circumstance[] {
  return [
    { op: "protocol", when: "", call: () => ({ args: [] }) },
    ...LOOKING_CALLS.map((call) => of(call, SHARED.live)),
    ...DRIVING_CALLS.flatMap((call) => [of(call, SHARED.live), of(call, SHARED.ended)]),
    ...["peek", "get-meta", "get-last-activity"].map((op) => ({
      ...of(callNamed(op), SHARED.stuck),
      shows: ["watch pods"],
      exit: 1,
      tells: /Kubernetes does not show it yet/,
    })),
    { op: "watch-startup", when: "", exitWithout: 2, call: (scene) => newSession(scene, WATCHED) },
    ...bringUp("start"),
    {
      op: "start",
      when: "its agent dies",
      shows: ["get pods/log"],
      exit: 1,
      tells: /died during startup.*it showed: bye/,
      call: ({ name }) => ({
        args: [name],
        stdin: JSON.stringify({ ...JSON.parse(ENDING), process_names: ["sleep"] }),
      }),
    },
    ...bringUp("provision"),
    { op: "check-image", when: "", call: ({ name }) => ({ args: [image()], env: { GC_K8S_CITY: name } }) },
    {
      op: "check-image",
      when: "a check that was killed has left its box",
      shows: ["get pods"],
      async call(scene) {
        await leaveCheck(scene, image());
        return { args: [image()], env: { GC_K8S_CITY: scene.name } };
      },
    },
    {
      op: "check-image",
      when: "the image cannot be pulled",
      shows: ["list events"],
      exit: 1,
      tells: /nosuch/,
      isLessWithout: true,
      call: ({ name }) => ({ args: [NO_IMAGE], env: { GC_K8S_CITY: name, ...NO_CREDENTIALS } }),
    },
    { op: "stop", when: "", call: (scene) => newSession(scene, AGENT) },
    {
      op: "stop",
      when: "transcripts are wanted",
      shows: ["get pods/exec"],
      async call(scene) {
        const folders = { GC_TRANSCRIPTS_SRC: "/tmp", GC_TRANSCRIPTS_DEST: join(TRANSCRIPTS, scene.name) };
        return { ...(await newSession(scene, AGENT)), env: folders };
      },
    },
  ];
}

/** Removes what the calls have left on this machine. */
export function tidy(): void {
  rmSync(TRANSCRIPTS, { recursive: true, force: true });
}

function callNamed(op: string): SessionCall {
  const found = DRIVING_CALLS.find((call) => call.op === op);
  if (!found) throw new Error(`there is no call of ${op}`);
  return found;
}

/** These fail when there is no agent, because their answer would be a lie. */
const NEED_AGENT = new Set(["exec", "copy-from"]);

function of({ op, args, stdin }: SessionCall, session: string): Circumstance {
  const call = () => ({ args: args(session), ...(stdin !== undefined && { stdin }) });
  const isRefused = session === SHARED.ended && NEED_AGENT.has(op);
  const shows = session === SHARED.ended ? ["get pods"] : [];
  return { op, when: session, shows, call, ...(isRefused && { exit: 1, tells: /no running agent/ }) };
}

/** What makes a box meets these. */
function bringUp(op: string): Circumstance[] {
  return [
    { op, when: "", call: ({ name }) => ({ args: [name], stdin: AGENT }) },
    {
      op,
      when: "boxes are limited",
      shows: ["list pods"],
      call: ({ name }) => ({ args: [name], stdin: AGENT, env: { GC_K8S_MAX_PENDING: "100" } }),
    },
    {
      op,
      when: "a session of the name has ended",
      shows: ["get pods", "get pods/log", "delete pods"],
      tells: /"bye"/,
      isLessWithout: true,
      async call(scene) {
        await ended(scene, scene.name);
        return { args: [scene.name], stdin: AGENT };
      },
    },
    {
      op,
      when: "its claim is there",
      shows: ["get persistentvolumeclaims", "create persistentvolumeclaims"],
      async call({ real, name }) {
        await begun(real, name, AGENT, CLAIM);
        await real({ op: "stop", args: [name] });
        return { args: [name], stdin: AGENT, env: CLAIM };
      },
    },
    {
      op,
      when: "the image cannot be pulled",
      shows: ["list events"],
      exit: 1,
      tells: /nosuch/,
      isLessWithout: true,
      call: ({ name }) => ({ args: [name], stdin: AGENT, env: { GC_K8S_IMAGE: NO_IMAGE, ...NO_CREDENTIALS } }),
    },
  ];
}

async function newSession({ real, name }: Scene, config: string): Promise<{ args: string[] }> {
  await begun(real, name, config);
  return { args: [name] };
}

async function begun(real: Provider, name: string, config: string, env: Record<string, string> = {}): Promise<void> {
  const { exit, stderr } = await real({ op: "start", args: [name], stdin: config, env });
  if (exit !== 0) throw new Error(`Cannot start "${name}": ${stderr}`);
}

async function ended({ real, kubectl }: Pick<Scene, "real" | "kubectl">, name: string): Promise<void> {
  await begun(real, name, ENDING);
  const phase = ["get", "pods", "-l", `gc-session=${name}`, "-o", "jsonpath={.items[*].status.phase}"];
  await until(() => kubectl(...phase) === "Failed", 20_000);
}

/** Leaves the ended box of a check that was killed. */
async function leaveCheck({ env, kubectl, name }: Scene, image: string): Promise<void> {
  const pods = (path: string) => kubectl("get", "pods", "-l", `gc-city=${name}`, "-o", `jsonpath={.items[*].${path}}`);
  const command = shellCommand({ ...env, GC_K8S_CITY: name }, "check-image", [image]);
  const check = Bun.spawn(["sh", "-c", `exec ${command}`], { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  await until(() => pods("metadata.name") !== "", 10_000);
  check.kill("SIGKILL");
  await until(() => pods("status.phase") === "Running", 20_000);
  kubectl(...endPod(pods("metadata.name")));
  await until(() => pods("status.phase") === "Failed", 20_000);
}
