import { expect, test } from "bun:test";
import { access } from "../../src/provider/access.ts";
import { rightName, rightsOf } from "../../src/provider/access-rule.ts";
import { testNamespace } from "../conformance/namespace.ts";
import { executable, shellCommand } from "../conformance/provider.ts";
import { Terminal } from "../conformance/terminal.ts";
import { callersIn } from "./caller.ts";
import { rightsTests } from "./rights.ts";
import { makeShared, SHARED, sessionCircumstances, tidy } from "./session-circumstances.ts";

const UNSHOWN = { "create pods/exec": "API servers from 1.35 on ask for it, as KEP-4006 says" };

const namespace = testNamespace();
const { kubectl, env } = namespace;

rightsTests({
  program: "gc-session-k8s",
  circumstances: sessionCircumstances(() => env()["GC_K8S_IMAGE"] ?? ""),
  apart: ["attach"],
  unshown: UNSHOWN,
  kubectl,
  async create() {
    await namespace.create();
    await makeShared({ real: executable(env()), kubectl });
  },
  remove() {
    tidy();
    return namespace.remove();
  },
  env,
  provider: executable,
});

test("attach needs a terminal: it connects with its rights and no other, and without them says what it lacks", async () => {
  const rules = access["gc-session-k8s"]?.["attach"] ?? [];
  const shown = rightsOf(rules).filter((right) => !(rightName(right) in UNSHOWN));
  expect(shown.map(rightName)).toEqual(["get pods/exec"]);
  const callers = callersIn(namespace);
  const attached = (name: string, rights: typeof rules) =>
    new Terminal(shellCommand({ ...env(), KUBECONFIG: callers.withRights(name, rights) }, "attach", [SHARED.live]), {
      columns: 400,
    });
  const allowed = attached("attach-allowed", rules);
  const refused = attached("attach-refused", []);
  try {
    await allowed.shows("[main]");
    await refused.shows('cannot get resource "pods/exec"');
    await refused.shows("ended with 1");
  } finally {
    allowed.close();
    refused.close();
    callers.remove();
  }
}, 60_000);

test("a start that may make no pod says that, and nothing of one that it could not remove", async () => {
  const callers = callersIn(namespace);
  try {
    const call = executable({ ...env(), KUBECONFIG: callers.withRights("start-refused", []) });
    const { exit, stderr } = await call({ op: "start", args: ["refused"], stdin: '{"command":"sleep 1"}' });
    expect([exit, stderr]).toEqual([1, expect.stringMatching(/cannot create resource "pods"/)]);
    expect(stderr).not.toMatch(/cannot get|could not be removed/);
  } finally {
    callers.remove();
  }
}, 60_000);
