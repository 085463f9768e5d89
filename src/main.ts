import { writeSync } from "node:fs";
import { basename } from "node:path";
import type { Program } from "./provider/operation.ts";
import { runProgram } from "./provider/run.ts";

/** Programs by the name that the executable is called by. Each is loaded only when it is called: start-up is the
 * price of every operation. */
const programs: Record<string, () => Promise<Program>> = {
  "gc-k8s": async () => (await import("./cli/program.ts")).cliProgram,
  "gc-beads-k8s": async () => (await import("./beads/program.ts")).beadsProgram,
  "gc-events-k8s": async () => (await import("./events/program.ts")).eventsProgram,
  "gc-session-k8s": async () => (await import("./session/program.ts")).sessionProgram,
};

/** The name this executable is called by selects the program; a symlink keeps its own name in argv[0]. */
async function main(): Promise<void> {
  const calledAs = process.argv0;
  const name = basename(calledAs);
  const load = Object.hasOwn(programs, name) ? programs[name] : undefined;
  if (load) await runProgram(await load(), calledAs, process.argv.slice(2));
  writeSync(2, `${name}: call this program by one of its names: ${Object.keys(programs).join(", ")}\n`);
  process.exit(1);
}

void main();
