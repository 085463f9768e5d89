import { afterAll, beforeAll, expect, test } from "bun:test";
import { until } from "../conformance/until.ts";
import { runsOf } from "../fault/chance.ts";
import { watchedNamespace } from "../support/gc/watched-namespace.ts";
import { assertNextStartSucceeds, interrupt } from "./aftermath.ts";
import { PHASES, type Phase, removeStaged } from "./phases.ts";

const SIGNALS = (["SIGINT", "SIGTERM"] as const).slice(0, runsOf(2, 1));

const field = watchedNamespace();
beforeAll(() => field.create(), 60_000);
afterAll(() => {
  field.remove();
  removeStaged();
}, 60_000);

for (const [index, phase] of PHASES.entries())
  test(`starts that are told to end while ${phase.name} are gone in time with their pods; one that is killed stands in no one's way`, async () => {
    const told = SIGNALS.map(async (signal) => {
      const name = `phase-${index}-${signal}`;
      const { isLast: mayHaveSucceeded } = phase;
      await interrupt(field, name, await beginPhase(name, phase), signal, { mayHaveSucceeded });
    });
    const name = `phase-${index}-killed`;
    const call = await beginPhase(name, phase);
    call.signal("SIGKILL");
    await call.done;
    await Promise.all([...told, assertNextStartSucceeds(field, name, { mayRunAlready: phase.isCommitted })]);
  }, 90_000);

test("a start that is ended while a command before the agent hangs says which one that is, and nothing of its text", async () => {
  const name = "phase-hangs";
  const config = { command: "exec sleep 300", pre_start: ["echo canary; false", "touch /tmp/hangs; sleep 60"] };
  const call = field.gc().begin("start", [name], { stdin: JSON.stringify(config) });
  await until(() => field.history().of(name)[0]?.phase === "Running", 30_000);
  const pod = field.kubectl("get", "pods", "-l", `gc-session=${name}`, "-o", "name").trim();
  const hangs = () => {
    try {
      return field.kubectl("exec", pod, "--", "ls", "/tmp").includes("hangs");
    } catch {
      // A box that runs for an instant only may take no exec yet.
      return false;
    }
  };
  await until(hangs, 30_000);
  call.signal("SIGTERM");
  const { exit, stderr } = await call.done;
  expect([exit, stderr]).toEqual([1, 'start: ended by SIGTERM, in its phase "pre_start 2"\n']);
}, 60_000);

async function beginPhase(name: string, { config, reached }: Phase) {
  const call = field.gc().begin("start", [name], { stdin: JSON.stringify(config) });
  await reached(() => field.history().of(name));
  return call;
}
