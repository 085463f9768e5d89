import { afterAll, beforeAll, expect, test } from "bun:test";
import { testNamespace } from "../conformance/namespace.ts";
import { until } from "../conformance/until.ts";
import { eventsExecutable, eventsPath } from "./provider.ts";
import { logOf } from "./rules.ts";

const namespace = testNamespace();
beforeAll(() => namespace.create(), 60_000);
afterAll(() => namespace.remove(), 60_000);

let count = 0;
function fresh() {
  const city = `process-${++count}`;
  const env = { ...process.env, ...namespace.env(), GC_K8S_CITY: city } as Record<string, string>;
  return { env, log: logOf(eventsExecutable(env), { city, env, kubectl: namespace.kubectl }) };
}

/** True while a process of this id exists. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("a watch ends with the next event once its reader has closed the pipe", async () => {
  const { env, log } = fresh();
  const shell = `"${eventsPath()}" watch 0 & echo $! >&2; wait $!; echo $? >&2`;
  const child = Bun.spawn(["sh", "-c", `{ ${shell}; } | head -n 1`], {
    env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  await log.record();
  await Bun.sleep(500);
  await log.record();
  await log.record();
  const [, exit] = (await new Response(child.stderr).text()).trim().split("\n");
  expect(exit).toBe("0");
});

test("an idle watch ends soon after the process that called it", async () => {
  const { env, log } = fresh();
  await log.record();
  // The shell ends and leaves the watch behind, as a killed gc does.
  const shell = `"${eventsPath()}" watch 0 & echo $!; sleep 1`;
  const child = Bun.spawn(["sh", "-c", shell], { env, stdin: "ignore", stdout: "pipe", stderr: "ignore" });
  const reader = child.stdout.getReader();
  const pid = Number(new TextDecoder().decode((await reader.read()).value).split("\n")[0]);
  expect(lives(pid)).toBe(true);
  await child.exited;
  await until(() => !lives(pid), 5_000);
});

test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("%s ends a watch at once with 1", async (signal) => {
  const { log } = fresh();
  const watcher = log.watch(0);
  await log.record();
  await log.events(watcher, 1);
  const began = performance.now();
  process.kill(watcher.pid, signal);
  expect(await watcher.ended).toBe(1);
  expect(performance.now() - began).toBeLessThan(1_000);
});

test("a watch of a cluster that cannot be reached goes on trying, and says so in its errors", async () => {
  const { env } = fresh();
  const unreachable = `${import.meta.dir}/../conformance/unreachable.kubeconfig`;
  const child = Bun.spawn([eventsPath(), "watch", "0"], {
    env: { ...env, KUBECONFIG: unreachable },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const first = new TextDecoder().decode((await child.stderr.getReader().read()).value);
  expect(first).toMatch(/^watch: GET events of the city: [^\n]*refuses connections[^\n]*\n$/);
  expect(lives(child.pid)).toBe(true);
  child.kill("SIGKILL");
  expect(await new Response(child.stdout).text()).toBe("");
}, 20_000);

test("half of the events are written within 50 ms of the end of their record", async () => {
  const { log } = fresh();
  const watcher = log.watch(0);
  await log.record();
  await log.events(watcher, 1);
  const delays: number[] = [];
  for (let seq = 2; seq <= 21; seq++) {
    const recorded = log.record().then(() => performance.now());
    while (watcher.lines.length < seq) await Bun.sleep(1);
    const written = performance.now();
    delays.push(Math.max(0, written - (await recorded)));
  }
  expect(delays.toSorted((a, b) => a - b)[10] ?? Number.POSITIVE_INFINITY).toBeLessThan(50);
}, 30_000);
