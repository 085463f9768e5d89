import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "../build.ts";
import { Shell } from "./shell.ts";
import { type DemoCluster, localCluster, ownCluster } from "./target.ts";

const root = join(import.meta.dir, "..");

const USAGE = `usage: npm run demo [-- --context NAME | --kubeconfig FILE] [--image IMAGE] [--namespace NAME]
Without a cluster of yours, one is brought up on this machine (Linux, root).`;

/** Runs one agent session from its start to its end, by the commands that a user would type. */
async function demo(): Promise<void> {
  const { values } = parseArgs({
    options: {
      context: { type: "string" },
      kubeconfig: { type: "string" },
      image: { type: "string" },
      namespace: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return void process.stdout.write(`${USAGE}\n`);
  const isOwn = values.context !== undefined || values.kubeconfig !== undefined;
  const cluster = isOwn ? ownCluster(values) : await localCluster();
  await build(root);
  const scratch = mkdtempSync(join(tmpdir(), "gc-k8s-demo-"));
  try {
    await liveOfOneSession(cluster, scratch, values.namespace ?? "default");
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

async function liveOfOneSession(cluster: DemoCluster, scratch: string, namespace: string): Promise<void> {
  const city = `demo-${process.pid}`;
  const shell = new Shell({
    ...cluster.env,
    PATH: `${join(root, "dist")}:${process.env["PATH"]}`,
    GC_K8S_NAMESPACE: namespace,
    GC_K8S_CITY: city,
    GC_K8S_CPU_REQUEST: "10m",
    GC_K8S_MEM_REQUEST: "32Mi",
  });
  const repository = join(scratch, "hello");
  mkdirSync(repository);
  writeFileSync(join(repository, "README.md"), "# hello\n\nA repository for an agent to work in.\n");
  shell.cwd = repository;
  shell.quiet(
    `git init -q -b main && git add . && git -c user.name=demo -c user.email=demo@localhost commit -qm 'First commit'`,
  );
  const start = { work_dir: repository, command: "PS1='agent:\\w$ ' bash --norc -i" };
  writeFileSync(join(scratch, "agent.json"), JSON.stringify(start));
  shell.cwd = scratch;

  shell.say(`An agent session in ${cluster.description}, working on the git repository ${repository}`);
  try {
    shell.run("cat agent.json; echo");
    shell.run("gc-session-k8s start mayor < agent.json");
    shell.expect("gc-session-k8s is-running mayor", /^true$/m);
    shell.run(
      "echo 'git --no-pager log --oneline && wc -l README.md > lines.txt && git status --short' | gc-session-k8s nudge mayor",
    );
    await shell.until("gc-session-k8s peek mayor", /\?\? lines\.txt/);
    shell.expect("gc-session-k8s peek mayor", /First commit/);
    shell.expect("gc-session-k8s list-running ''", /^mayor$/m);
    shell.say(await cluster.podFacts(namespace, city));
  } finally {
    shell.run("gc-session-k8s stop mayor");
  }
  shell.expect("gc-session-k8s is-running mayor", /^false$/m);
}

await demo().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
