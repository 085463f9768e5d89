// Runs a program and writes its peak resident memory in bytes and its time in milliseconds to a file: the start of this
// process is no part of it. The kernel lets a child inherit the peak of the process that spawned it; this small parent
// keeps that far below what is measured.
// Arguments: the file, then the command.
const [report = "", ...command] = process.argv.slice(2);

/** Runs the command and ends with its exit code. */
export async function weigh(): Promise<void> {
  const began = performance.now();
  const child = Bun.spawn(command, { stdin: "inherit", stdout: "inherit", stderr: "inherit" });
  const exit = await child.exited;
  const ms = performance.now() - began;
  await Bun.write(report, `${child.resourceUsage()?.maxRSS ?? 0} ${ms}`);
  process.exit(exit);
}

void weigh();
