import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** What may be set for a program that runs here. */
export interface ToolOptions {
  cwd?: string;
  env?: Record<string, string>;
  input?: string | Blob;
  /** Collects the program's output; an error then names this file. */
  log?: string;
  /** Called with each line of output and of standard error. */
  onLine?: (line: string) => void;
}

/** A program ended with a status other than 0. */
export class ToolError extends Error {
  override name = "ToolError";
}

/** Runs a program to its end and returns its standard output; a status other than 0 throws. */
export async function runTool(argv: string[], options: ToolOptions = {}): Promise<string> {
  const { log } = options;
  if (log) {
    mkdirSync(dirname(log), { recursive: true });
    appendFileSync(log, `$ ${argv.join(" ")}\n`);
  }
  const onLine = (line: string) => {
    if (log) appendFileSync(log, `${line}\n`);
    options.onLine?.(line);
  };
  const tool = spawnTool(argv, options);
  const [stdout, stderr, status] = await Promise.all([
    readLines(tool.stdout, onLine),
    readLines(tool.stderr, onLine),
    tool.exited,
  ]);
  if (status === 0) return stdout;
  const last = `${stdout}\n${stderr}`.trim().split("\n").slice(-3).join(" | ");
  const where = log ? ` (all output: ${log})` : "";
  throw new ToolError(`Cannot run "${argv.slice(0, 4).join(" ")}": status ${status}: ${last}${where}`);
}

/** Like runTool for long programs: when this process dies, they and all their children die too. */
export function runTree(argv: string[], options: ToolOptions = {}): Promise<string> {
  const dieWithUs = ["setpriv", "--pdeathsig", "KILL"];
  const dieTogether = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  return runTool([...dieWithUs, ...dieTogether, ...argv], options);
}

function spawnTool(argv: string[], options: ToolOptions) {
  const { input, cwd, env } = options;
  return Bun.spawn(argv, {
    ...(cwd && { cwd }),
    env: { ...process.env, LC_ALL: "C.UTF-8", ...env },
    stdin: input === undefined ? "ignore" : new Blob([input]),
    stdout: "pipe",
    stderr: "pipe",
  });
}

async function readLines(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let rest = "";
  for await (const chunk of stream) {
    const part = decoder.decode(chunk, { stream: true });
    text += part;
    const lines = (rest + part).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  }
  if (rest) onLine(rest);
  return text;
}
