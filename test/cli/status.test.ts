import { afterAll, beforeAll, expect, test } from "bun:test";
import { type TestNamespace, testNamespace } from "../conformance/namespace.ts";
import { Terminal } from "../conformance/terminal.ts";
import { command, commandPath } from "../settings/command.ts";
import { makeSessionObjects } from "./many-pods.ts";

const MANY = 500;
/** The best of so many runs counts: the tests share their machine with a whole Kubernetes. */
const RUNS = 7;

const namespace: TestNamespace = testNamespace();
beforeAll(async () => {
  await namespace.create();
  await makeSessionObjects(namespace, MANY);
}, 180_000);
afterAll(() => namespace.remove(), 60_000);

test("500 sessions are listed in under 0.5 s", async () => {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const began = performance.now();
    const { exit, stdout } = await command(["status", "-o", "json"], namespace.env());
    times.push(performance.now() - began);
    expect(exit).toBe(0);
    const { sessions } = JSON.parse(stdout) as { sessions: { session: string; state: string }[] };
    expect(sessions).toHaveLength(MANY);
    expect(sessions.at(-1)).toMatchObject({ session: "many-499", state: "Running" });
  }
  expect(Math.min(...times)).toBeLessThan(500);
});

test("the table has a line for each, the same facts as YAML, and no colours without a terminal", async () => {
  const { stdout } = await command(["status"], namespace.env());
  expect(stdout).toContain(`City "test" in namespace`);
  expect(stdout).toContain("500 sessions, 500 Running");
  expect(stdout.split("\n").filter((line) => /^many-\d+ +Running /.test(line))).toHaveLength(MANY);
  expect(stdout).not.toContain("\x1b");
  const { stdout: yaml } = await command(["status", "-o", "yaml"], namespace.env());
  expect(Bun.YAML.parse(yaml)).toMatchObject({ city: "test", sessions: { length: MANY } });
});

test("another city of the namespace sees nothing of it", async () => {
  const { stdout, stderr } = await command(["status", "--city", "other"], namespace.env());
  expect(stdout).toStartWith('City "other" in namespace');
  expect(stdout).toContain(": 0 sessions\n");
  // An empty city and a wrong name look alike otherwise.
  expect(stderr).toMatch(/^City "other" is not installed in namespace "[^"]+": .*gc-k8s install\n$/);
});

test("--watch needs a terminal", async () => {
  const { exit, stderr } = await command(["status", "--watch"], namespace.env());
  expect({ exit, stderr }).toEqual({
    exit: 1,
    stderr: "status: --watch needs a terminal; without one, call status again\n",
  });
});

test("on a terminal --watch goes on until Ctrl-C, and that is no failure", async () => {
  const env = Object.entries(namespace.env()).map(([name, value]) => `${name}='${value}'`);
  const terminal = new Terminal(`env ${env.join(" ")} ${commandPath()} status --watch`);
  try {
    await terminal.shows("500 sessions, 500 Running");
    await terminal.shows("more lines");
    namespace.kubectl("delete", "pod", "gc-many-000", "--grace-period=0", "--force");
    await terminal.shows("499 sessions, 499 Running");
    terminal.type("\x03");
    await terminal.shows("ended with 0");
  } finally {
    terminal.close();
  }
});

test("an API that is out of reach is one line on stderr, never an empty city", async () => {
  const env = { ...namespace.env(), KUBECONFIG: `${import.meta.dir}/../conformance/unreachable.kubeconfig` };
  const { exit, stdout, stderr } = await command(["status"], env);
  expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});
