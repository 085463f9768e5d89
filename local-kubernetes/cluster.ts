import { existsSync } from "node:fs";
import { parseCommand } from "./command.ts";
import { down } from "./down.ts";
import { clusterNamed } from "./layout.ts";
import { loadImage } from "./load.ts";
import { duration } from "./progress.ts";
import { clusterStatus, statusLines } from "./status.ts";
import { up } from "./up.ts";

await main(process.argv.slice(2));

async function main(args: string[]): Promise<void> {
  try {
    await run(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

async function run(args: string[]): Promise<void> {
  const command = parseCommand(args);
  const cluster = clusterNamed(command.name);
  const started = performance.now();
  switch (command.verb) {
    case "up":
      await up(command.name, command.withBeads);
      process.stderr.write(
        `Cluster "${command.name}" runs (${duration(performance.now() - started)}): KUBECONFIG=${cluster.kubeconfig}\n`,
      );
      break;
    case "down":
      await down(command.name);
      process.stderr.write(`Cluster "${command.name}" is gone\n`);
      break;
    case "kubeconfig":
      if (!existsSync(cluster.kubeconfig)) {
        throw new Error(
          `Cannot name the kubeconfig of cluster "${command.name}": there is no such cluster; run "up" first`,
        );
      }
      process.stdout.write(`${cluster.kubeconfig}\n`);
      break;
    case "status": {
      const status = await clusterStatus(command.name);
      process.stdout.write(command.json ? `${JSON.stringify(status, undefined, 2)}\n` : statusLines(status));
      break;
    }
    case "load":
      for (const image of await loadImage(cluster, command.archive)) process.stdout.write(`${image}\n`);
      break;
  }
}
