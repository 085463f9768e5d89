import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { testNamespace } from "../conformance/namespace.ts";
import { type ApiProxy, apiProxy, type Passing } from "./api-proxy.ts";
import { eventsExecutable } from "./provider.ts";
import { type Log, logOf } from "./rules.ts";

/** Ages are told by the server's clock, so a server whose clock is ahead makes events old. */
const HOURS_AHEAD = 30;

const namespace = testNamespace();
let later: ApiProxy;
let held: ((passing: Passing) => Response | undefined) | undefined;

beforeAll(async () => {
  await namespace.create();
  later = apiProxy(namespace.env()["KUBECONFIG"] ?? "", async (passing) => {
    const answer = held?.(passing) ?? (await passing.forward());
    answer.headers.set("date", new Date(Date.now() + HOURS_AHEAD * 3_600_000).toUTCString());
    return answer;
  });
}, 60_000);
afterAll(async () => {
  later.close();
  await namespace.remove();
}, 60_000);

let count = 0;

function freshLog(): Log {
  const city = `prune-${++count}`;
  const env = { ...namespace.env(), GC_K8S_CITY: city };
  return logOf(eventsExecutable(env), { city, env, kubectl: namespace.kubectl });
}

async function withEvents(events: number): Promise<Log> {
  const log = freshLog();
  for (let at = 0; at < events; at++) await log.record();
  return log;
}

const seqs = async (log: Log) => (await log.list()).map(({ seq }) => seq);
const prune = (log: Log, ...args: string[]) => log.call("prune", args, undefined, later.env);

describe("prune", () => {
  test("removes what is older, but for the newest that are to be kept", async () => {
    const log = await withEvents(6);
    expect(await prune(log, "--older-than", "29h", "--keep", "2")).toMatchObject({
      exit: 0,
      stdout: "Removed 4 events\n",
      stderr: "",
    });
    expect(await seqs(log)).toEqual([5, 6]);
    expect(await prune(log, "--older-than=29h", "--keep=2")).toMatchObject({ stdout: "Removed 0 events\n" });
  });

  test("removes nothing that is younger than the age", async () => {
    const log = await withEvents(3);
    expect(await prune(log, "--older-than", "31h", "--keep", "0")).toMatchObject({ stdout: "Removed 0 events\n" });
    expect(await seqs(log)).toEqual([1, 2, 3]);
  });

  test("never removes an event younger than an hour, whatever it is told", async () => {
    const log = await withEvents(3);
    expect(await log.call("prune", ["--older-than", "0s", "--keep", "0"])).toMatchObject({
      stdout: "Removed 0 events\n",
    });
    expect(await seqs(log)).toEqual([1, 2, 3]);
  });

  test("never removes the newest: numbers go on, and latest-seq does not fall", async () => {
    const log = await withEvents(3);
    const watcher = eventsExecutable(log.env).watch(0);
    await log.events(watcher, 3);
    expect(await prune(log, "--older-than", "0s", "--keep", "0")).toMatchObject({ stdout: "Removed 2 events\n" });
    expect(await log.latest()).toBe(3);
    await log.record();
    expect(await seqs(log)).toEqual([3, 4]);
    expect((await log.events(watcher, 4)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    watcher.kill();
    const late = eventsExecutable(log.env).watch(1);
    expect((await log.events(late, 2)).map(({ seq }) => seq)).toEqual([3, 4]);
    late.kill();
  });

  test("takes its rules from the settings, where no option says otherwise", async () => {
    const log = await withEvents(4);
    const env = { ...later.env, GC_K8S_EVENTS_OLDER_THAN: "2h", GC_K8S_EVENTS_KEEP: "3" };
    expect(await log.call("prune", [], undefined, env)).toMatchObject({ stdout: "Removed 1 event\n" });
    expect(await log.call("prune", [], undefined, later.env)).toMatchObject({ stdout: "Removed 0 events\n" });
  });

  test("leaves other cities and other objects alone", async () => {
    const other = await withEvents(2);
    const log = await withEvents(2);
    namespace.kubectl("create", "configmap", "gc-event-settings", "--from-literal=a=b");
    await prune(log, "--older-than", "1h", "--keep", "0");
    expect(await seqs(other)).toEqual([1, 2]);
    expect(namespace.kubectl("get", "configmap", "gc-event-settings", "-o", "name")).toContain("gc-event-settings");
  });

  test("deletes exactly the objects that it has seen, by UID, the oldest first", async () => {
    const log = await withEvents(3);
    const before = later.requests.length;
    held = ({ method }) => (method === "DELETE" ? Response.json({}, { status: 500 }) : undefined);
    try {
      const { exit, stderr } = await prune(log, "--older-than", "1h", "--keep", "0");
      expect(exit).toBe(1);
      expect(stderr).toMatch(/^prune: DELETE event "[^"]+": /);
    } finally {
      held = undefined;
    }
    expect(await seqs(log)).toEqual([1, 2, 3]);
    const deleted = later.requests.slice(before).filter(({ method }) => method === "DELETE");
    expect(deleted[0]?.url.pathname).toEndWith("-9999999998");
    expect(deleted.every(({ body }) => /"preconditions":\{"uid":"[-0-9a-f]{36}"\}/.test(body ?? ""))).toBe(true);
  }, 30_000);

  test.each(["--keep", "--keep -1", "--older-than 1", "all", "--all 1"])("%p is refused", async (words) => {
    const { exit, stdout, stderr } = await freshLog().call("prune", words.split(" "));
    expect([exit, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^prune: Cannot use [^\n]+\n$/);
  });
});

describe("record cleans up now and then", () => {
  test("every hundredth removes old events, and records though it cannot", async () => {
    const log = await withEvents(1);
    const env = { GC_K8S_EVENTS_OLDER_THAN: "2h", GC_K8S_EVENTS_KEEP: "5" };
    for (let at = 2; at < 100; at++) await log.record({}, env);
    expect(await seqs(log)).toHaveLength(99);
    await log.record({}, { ...env, ...later.env });
    expect(await seqs(log)).toEqual([96, 97, 98, 99, 100]);
    held = ({ method }) => (method === "DELETE" ? Response.json({}, { status: 403 }) : undefined);
    try {
      for (let at = 101; at <= 200; at++) await log.record({}, { ...env, ...later.env });
    } finally {
      held = undefined;
    }
    expect(await seqs(log)).toHaveLength(105);
  }, 120_000);
});
