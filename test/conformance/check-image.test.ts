import { expect } from "bun:test";
import { doingNothing, failing } from "./broken.ts";
import { withFiles } from "./files.ts";
import type { Provider } from "./provider.ts";
import { type Gc, rules } from "./rules.ts";
import { stream } from "./stream.ts";
import { until } from "./until.ts";

/** An image whose programs are links in a directory of their own, which a script has changed. */
const withPrograms = (image: string, script: string) => `spec:
  initContainers:
    - name: programs
      image: ${image}
      command: [sh, -c, "ln -s /usr/bin/* /programs && cd /programs && ${script}"]
      volumeMounts: [{ name: programs, mountPath: /programs }]
  containers:
    - name: agent
      env: [{ name: PATH, value: /programs }]
      volumeMounts: [{ name: programs, mountPath: /programs }]
  volumes: [{ name: programs, emptyDir: {} }]
`;

rules("check-image", {}, [
  {
    title: "succeeds for an image that agents can run in",
    async check(gc) {
      expect(await gc.ok("check-image", [gc.image], undefined, ownCity(gc))).toBe("");
    },
    broken: failing("check-image"),
  },
  {
    title: "fails for an image that the cluster cannot have, with Kubernetes' reason",
    async check(gc) {
      const env = { ...ownCity(gc), GC_K8S_IMAGE_PULL_POLICY: "Never" };
      await failsWith(gc, "localhost/absent:1", env, /image "localhost\/absent:1".*ErrImageNeverPull/);
    },
    broken: doingNothing("check-image"),
  },
  {
    title: "fails for an image without a shell",
    async check(gc) {
      const image = imageOfNode(gc, "pause");
      await failsWith(gc, image, ownCity(gc), /image ".*pause.*"/);
    },
    broken: doingNothing("check-image"),
  },
  {
    title: "names the programs that the image lacks",
    check: (gc) =>
      withTemplate(withPrograms(gc.image, "rm tmux"), (template) =>
        failsWith(gc, gc.image, { ...ownCity(gc), ...template, GC_K8S_TOOLING: "true" }, /it lacks tmux, gc, bd\n$/),
      ),
    broken: doingNothing("check-image"),
  },
  {
    title: "names programs that do not take the options which a box is driven with",
    // Each refuses what it does not know, as those of BusyBox do.
    check: (gc) =>
      withTemplate(withPrograms(gc.image, "for p in tar dd flock; do ln -sf /usr/bin/false $p; done"), (template) =>
        failsWith(
          gc,
          gc.image,
          { ...ownCity(gc), ...template },
          /it lacks GNU tar, dd of GNU coreutils, flock of util-linux\n$/,
        ),
      ),
    broken: doingNothing("check-image"),
  },
  {
    title: "needs no claim where workspaces are claims",
    async check(gc) {
      const city = ownCity(gc);
      await gc.ok("check-image", [gc.image], undefined, { ...city, GC_K8S_WORKSPACE: "claim" });
      expect(gc.kubectl("get", "persistentvolumeclaims", "-l", `gc-city=${city.GC_K8S_CITY}`, "-o", "name")).toBe("");
    },
    broken: failing("check-image"),
  },
  {
    title: "looks into the image that it is asked about, whatever a pod template says",
    async check(gc) {
      const other = `spec: { containers: [{ name: agent, image: "${gc.image}" }] }\n`;
      const env = { ...ownCity(gc), GC_K8S_IMAGE_PULL_POLICY: "Never" };
      await withTemplate(other, (template) =>
        failsWith(gc, "localhost/absent:1", { ...env, ...template }, /image "localhost\/absent:1"/),
      );
    },
    broken: doingNothing("check-image"),
  },
  {
    title: "leaves no pod, and sees to one that waits under the image's name",
    async check(gc) {
      const city = ownCity(gc);
      await Promise.all([1, 2].map(() => gc.ok("check-image", [gc.image], undefined, city)));
      await isGone(gc, city);
    },
    broken: (real: Provider) => async (call) => {
      const outcome = await real(call);
      if (call.op === "check-image") await real({ ...call, op: "start", args: ["left"], stdin: "{}" });
      return outcome;
    },
  },
  {
    title: "killed half-way it leaves nothing that runs, and the next one removes the rest",
    async check(gc) {
      const city = ownCity(gc);
      const check = stream(gc, "check-image", [gc.image], city);
      await until(() => pods(gc, city) !== "");
      await check.kill();
      await until(() => !/Pending|Running/.test(pods(gc, city)), 45_000);
      await gc.ok("check-image", [gc.image], undefined, city);
      await isGone(gc, city);
    },
    broken: doingNothing("check-image"),
    timeoutMs: 90_000,
  },
  {
    title: "fails without an image, and when the API server cannot be reached",
    async check({ call }) {
      expect(await call("check-image", [""])).toMatchObject({ exit: 1, stdout: "" });
      const env = { KUBECONFIG: `${import.meta.dir}/unreachable.kubeconfig` };
      expect(await call("check-image", ["any"], undefined, env)).toMatchObject({ exit: 1, stdout: "" });
    },
    broken: doingNothing("check-image"),
  },
]);

/** Settings of one test. Checks of one image share a name, so each test has a city of its own. */
interface OwnCity extends Record<string, string> {
  GC_K8S_CITY: string;
}

function ownCity({ name }: Gc): OwnCity {
  return { GC_K8S_CITY: name() };
}

/** Writes the pod template to a file; `work` gets the setting that names it. */
async function withTemplate(
  yaml: string,
  work: (env: { GC_K8S_POD_TEMPLATE: string }) => Promise<void>,
): Promise<void> {
  await withFiles({ "pod.yaml": yaml }, (root) => work({ GC_K8S_POD_TEMPLATE: `${root}/pod.yaml` }));
}

function pods({ kubectl }: Gc, { GC_K8S_CITY: city }: OwnCity): string {
  return kubectl("get", "pods", "-l", `gc-city=${city}`, "-o", "jsonpath={.items[*].status.phase}");
}

/** The pod is deleted when the operation ends; its node takes a moment more. */
async function isGone(gc: Gc, city: OwnCity): Promise<void> {
  await until(() => pods(gc, city) === "", 5_000);
}

async function failsWith(gc: Gc, image: string, env: OwnCity, text: RegExp): Promise<void> {
  const { exit, stderr } = await gc.call("check-image", [image], undefined, env);
  expect({ exit, lines: stderr.trimEnd().split("\n").length }).toEqual({ exit: 1, lines: 1 });
  expect(stderr).toMatch(text);
  await isGone(gc, env);
}

/** Full name of an image that the node holds. */
function imageOfNode({ kubectl }: Gc, part: string): string {
  const names = kubectl("get", "nodes", "-o", "jsonpath={.items[*].status.images[*].names[*]}").split(" ");
  return names.find((name) => name.includes(part) && !name.includes("@")) ?? "";
}
