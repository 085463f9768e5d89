import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestNamespace, testNamespace } from "../conformance/namespace.ts";
import { Terminal } from "../conformance/terminal.ts";
import { until } from "../conformance/until.ts";
import { command, commandPath } from "../settings/command.ts";

/** Escape sequences that a hostile agent would send to whoever looks. */
const EVIL = String.raw`printf 'before\033]0;title\007\033[31mred\033[0mafter\n'`;

const namespace: TestNamespace = testNamespace();
beforeAll(async () => {
  await namespace.create();
  await Promise.all([
    start("mayor", "PS1='agent$ ' bash --norc -i"),
    start("short lived", `sh -c "${EVIL.replaceAll('"', '\\"')}; sleep 1; exit 3"`),
    start("lost", "no-such-program-anywhere"),
  ]);
  await until(async () => (await gc("status")).stdout.match(/ Ended /g)?.length === 2, 30_000);
}, 120_000);
afterAll(() => namespace.remove(), 60_000);

const gc = (...args: string[]) => command(args, namespace.env());

async function start(session: string, line: string): Promise<void> {
  const child = join(commandPath(), "../gc-session-k8s");
  const { exit, stderr } = await command(["start", session], namespace.env(), JSON.stringify({ command: line }), child);
  // An agent that ends at once makes its start fail; its pod is what is wanted here.
  if (exit !== 0 && session === "mayor") throw new Error(stderr);
}

test("peek shows what nudge typed, from an argument or from stdin", async () => {
  expect(await gc("nudge", "mayor", "echo", "typed-$((40+2))")).toEqual({ exit: 0, stdout: "", stderr: "" });
  const again = await command(["nudge", "mayor"], namespace.env(), "echo piped-$((40+3))");
  expect(again.exit).toBe(0);
  await until(async () => /^typed-42$[\s\S]*^piped-43$/m.test((await gc("peek", "mayor")).stdout));
  const { stdout } = await gc("peek", "mayor", "--lines", "0");
  expect(stdout).toEndWith("agent$\n");
});

test("status --screens has last activity and last line of each; what could not be seen is ?", async () => {
  const { stdout } = await gc("status", "--screens", "-o", "json");
  const { sessions } = JSON.parse(stdout) as { sessions: Record<string, string>[] };
  const mayor = sessions.find(({ session }) => session === "mayor");
  expect(mayor).toMatchObject({ state: "Running", lastLine: "agent$" });
  expect(Date.parse(mayor?.["lastActivity"] ?? "")).toBeGreaterThan(Date.now() - 300_000);
  expect(sessions.find(({ session }) => session === "short lived")).toMatchObject({
    state: "Ended",
    reason: "exit code 3",
  });
});

test("what a pod prints moves no cursor: logs, why and the screens of status", async () => {
  const outputs = await Promise.all([
    gc("logs", "short lived"),
    gc("why", "short lived"),
    gc("status", "--screens"),
    gc("peek", "short lived"),
  ]);
  for (const { stdout } of outputs) {
    expect(stdout).toContain("beforeredafter");
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
  }
});

test("neither do names and messages that somebody wrote into a pod's object", async () => {
  const { GC_K8S_NAMESPACE: place = "" } = namespace.env();
  const evil = "x\u001b[2J\u009b31m\u001b]0;title\u0007y";
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "gc-evil",
      labels: { app: "gc-agent", "gc-session": "evil", "gc-city": "evil" },
      annotations: { "gc-session-name": evil, "gc-city-name": "evil", "gc-launched": "1" },
    },
    spec: { schedulerName: "none", containers: [{ name: "agent", image: "none" }] },
  };
  const file = join(tmpdir(), `${place}.json`);
  writeFileSync(file, JSON.stringify(pod));
  namespace.kubectl("create", "-f", file);
  rmSync(file);
  const status = JSON.stringify({ status: { phase: "Failed", reason: "Evicted", message: evil } });
  namespace.kubectl("patch", "pod", "gc-evil", "--subresource=status", "--type=merge", "-p", status);
  for (const args of [["status"], ["status", "-o", "wide"], ["reap", "--older-than", "0s"]]) {
    const { exit, stdout } = await gc(...args, "--city", "evil");
    expect(exit).toBe(0);
    expect(stdout).toContain("gc-evil".slice(args.includes("wide") || args[0] === "reap" ? 0 : 7));
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
  }
});

test("why tells how a session ended, on which node, its last lines, and what to do", async () => {
  const { stdout } = await gc("why", "short lived");
  expect(stdout).toContain('Session "short lived" of city "test": Ended: exit code 3');
  expect(stdout).toMatch(/what to do {2}the agent itself ended so: its last lines may say why/);
  expect(stdout).toMatch(/node {8}\S+/);
  expect(stdout).toContain("Last lines:\n  | beforeredafter");
  const { stdout: json } = await gc("why", "lost", "-o", "json");
  expect(JSON.parse(json)).toMatchObject({ state: "Ended", end: { exitCode: 127 } });
  expect(JSON.parse(json).advice).toContain("not in the image");
});

test("why of a session that was started anew tells how the one before ended", async () => {
  await start("short lived", "sleep 600");
  const { stdout } = await gc("why", "short lived");
  expect(stdout).toContain('of city "test": Running');
  expect(stdout).toMatch(/Before it:\n {2}end {9}exit code 3\n/);
  await gc("status");
});

test("why of a pod that no node takes says what the scheduler wants, and what to do", async () => {
  const env = { ...namespace.env(), GC_K8S_NODE_SELECTOR: '{"no":"such"}' };
  const child = Bun.spawn([join(commandPath(), "../gc-session-k8s"), "start", "nowhere"], {
    env: { ...process.env, ...env },
    stdin: new Blob(['{"command":"sleep 600"}']),
    stdout: "ignore",
    stderr: "ignore",
  });
  try {
    await until(async () => (await gc("why", "nowhere")).stdout.includes("correct GC_K8S_NODE_SELECTOR"), 20_000);
  } finally {
    child.kill("SIGTERM");
    await child.exited;
  }
});

test("attach is a terminal in the box", async () => {
  const env = Object.entries(namespace.env()).map(([name, value]) => `${name}='${value}'`);
  const terminal = new Terminal(`env ${env.join(" ")} ${commandPath()} attach mayor`);
  try {
    await terminal.shows("agent$");
    terminal.type("echo attached-$((6 * 7))\r");
    await terminal.shows("attached-42");
    terminal.type("\x02d");
    await terminal.shows("ended with 0");
  } finally {
    terminal.close();
  }
});

test("logs --follow goes on until the session's end", async () => {
  const follow = gc("logs", "mayor", "--follow");
  await gc("nudge", "mayor", "exit 0");
  const { exit, stdout } = await follow;
  expect(exit).toBe(0);
  expect(stdout).toContain("attached-42");
});

test("a city's own link and its settings file hold for the operations behind the commands", async () => {
  const city = mkdtempSync(join(tmpdir(), "gc-k8s-city-"));
  try {
    for (const name of ["gc-k8s", "gc-session-k8s"]) symlinkSync(commandPath(), join(city, name));
    const { GC_K8S_NAMESPACE: place, GC_K8S_CITY: _, ...env } = namespace.env();
    writeFileSync(join(city, "gc-k8s.toml"), `city = "test"\nnamespace = "${place}"\n`);
    const { exit, stdout } = await command(["peek", "short lived"], env, "", join(city, "gc-k8s"));
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: "" });
  } finally {
    rmSync(city, { recursive: true });
  }
});

test.each([
  [["peek", "nobody"], 'peek: Cannot reach session "nobody": city "test" has no pod of it'],
  [["nudge", "nobody", "x"], 'nudge: Cannot reach session "nobody"'],
  [["logs", "nobody"], 'logs: Cannot reach session "nobody"'],
  [["why", "nobody"], 'why: Cannot tell of session "nobody"'],
  [["attach", "mayor"], "must be a terminal; gc-k8s peek needs none"],
  [["nudge", "lost", "x"], 'its agent has ended; gc-k8s why "lost" tells how'],
  [["logs", "mayor", "--lines", "x"], '--lines must be a whole number, not "x"'],
  [["peek", ""], 'Cannot use the session name "": it is empty'],
  [["beads", "nope"], 'beads has no operation "nope": it has purge'],
])("%p is refused in one line", async (args, message) => {
  const { exit, stdout, stderr } = await gc(...args);
  expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
  expect(stderr).toContain(message);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});
