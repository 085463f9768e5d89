import { basename } from "node:path";
import { runProgram } from "./provider/run.ts";
import { sessionProgram } from "./session/program.ts";

const programs = [sessionProgram];

/** The name this executable is called by selects the program; a symlink keeps its own name in argv[0]. */
function main(): void {
  const calledAs = process.argv0;
  const name = basename(calledAs);
  const program = programs.find((each) => each.name === name);
  if (program) void runProgram(program, calledAs, process.argv.slice(2));
  else {
    process.stderr.write(
      `${name}: call this program by one of its names: ${programs.map((each) => each.name).join(", ")}\n`,
    );
    process.exit(1);
  }
}

main();
