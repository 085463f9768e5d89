/** Runs commands as a person would type them, showing each and its real output. */
export class Shell {
  cwd = process.cwd();
  readonly #env: Record<string, string | undefined>;

  constructor(env: Record<string, string>) {
    this.#env = { ...process.env, ...env };
  }

  /** Shows a command, runs it and shows what it prints; throws when it fails. Returns its standard output. */
  run(command: string): string {
    process.stdout.write(`${bold(`$ ${command}`)}\n`);
    const began = performance.now();
    const stdout = this.quiet(command);
    process.stdout.write(stdout.replace(/\n+$/, stdout.trim() ? "\n" : ""));
    process.stdout.write(`${dim(`  (${Math.round(performance.now() - began)} ms)`)}\n`);
    return stdout;
  }

  /** Runs a command without showing it. */
  quiet(command: string): string {
    const child = Bun.spawnSync(["sh", "-c", command], { cwd: this.cwd, env: this.#env, stdin: "ignore" });
    if (child.exitCode === 0) return child.stdout.toString();
    throw new Error(`The demo failed: "${command}" ended with ${child.exitCode}: ${child.stderr.toString().trim()}`);
  }

  /** Runs and shows a command whose output must match. */
  expect(command: string, pattern: RegExp): void {
    const stdout = this.run(command);
    if (!pattern.test(stdout)) throw new Error(`The demo failed: "${command}" printed no ${pattern}`);
  }

  /** Repeats a command silently until its output matches; throws after 15 s. */
  async until(command: string, pattern: RegExp): Promise<void> {
    const end = performance.now() + 15_000;
    while (!pattern.test(this.quiet(command))) {
      if (performance.now() > end) throw new Error(`The demo failed: "${command}" printed no ${pattern} in 15 s`);
      await Bun.sleep(200);
    }
  }

  /** A line of explanation. */
  say(text: string): void {
    process.stdout.write(`${dim(`# ${text}`)}\n`);
  }
}

function bold(text: string): string {
  return process.stdout.isTTY ? `\x1b[1m${text}\x1b[0m` : text;
}

function dim(text: string): string {
  return process.stdout.isTTY ? `\x1b[2m${text}\x1b[0m` : text;
}
