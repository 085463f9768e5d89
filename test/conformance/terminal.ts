import { NeverTrue, until } from "./until.ts";

/** A terminal that a command runs in: a tmux server of its own on this machine. */
export class Terminal {
  readonly #socket = `gc-test-${crypto.randomUUID()}`;

  /** Runs a shell command line; after it the screen says `ended with <exit code>`. */
  constructor(commandLine: string, { columns = 100, rows = 30 } = {}) {
    const script = `${commandLine}; echo "ended with $?"; exec sleep 600`;
    this.#tmux("-f", "/dev/null", "new-session", "-d", "-x", `${columns}`, "-y", `${rows}`, script);
    this.#tmux("set-option", "-g", "status", "off");
  }

  /** Types bytes as a keyboard would send them. */
  type(text: string): void {
    const bytes = [...Buffer.from(text)].map((byte) => byte.toString(16).padStart(2, "0"));
    this.#tmux("send-keys", "-H", ...bytes);
  }

  /** Resolves when the screen shows the text. */
  async shows(text: string): Promise<void> {
    await until(() => this.#tmux("capture-pane", "-p").includes(text), 15_000).catch(() => {
      throw new NeverTrue(`The terminal does not show "${text}" but:\n${this.#tmux("capture-pane", "-p").trimEnd()}`);
    });
  }

  resize(columns: number, rows: number): void {
    this.#tmux("resize-window", "-x", `${columns}`, "-y", `${rows}`);
  }

  close(): void {
    this.#tmux("kill-server");
  }

  #tmux(...args: string[]): string {
    const { TMUX: _, ...env } = process.env;
    const tmux = Bun.spawnSync(["tmux", "-u", "-L", this.#socket, ...args], { env: { ...env, LC_ALL: "C.UTF-8" } });
    if (tmux.exitCode !== 0) throw new Error(`tmux ${args[0]}: ${tmux.stderr}`);
    return tmux.stdout.toString();
  }
}
