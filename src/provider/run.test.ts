import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SETTINGS_FILE } from "./settings-file.ts";

const LARGE_BYTES = 3 * 1024 * 1024 + 12_345;

/** A program whose operations do one thing each; it runs as its own process, as the real ones do. */
const PROGRAM = `
import { writeSync } from "node:fs";
import { FactError, OperationError } from "${import.meta.dir}/errors.ts";
import { runProgram } from "${import.meta.dir}/run.ts";
const never = () => new Promise(() => setInterval(() => {}, 1000));
const untilAborted = ({ signal }) => new Promise((_, reject) => {
  setInterval(() => {}, 1000);
  signal.addEventListener("abort", () => reject(signal.reason));
  writeSync(2, "ready");
});
const operation = (run, deadlineMs = 5000) => async () => ({ usage: "", help: "", deadlineMs, run });
void runProgram({ name: "gc-test", operations: {
  nothing: operation(async () => undefined),
  hello: operation(async ({ args }) => ({ stdout: args.join(",") + "\\n" })),
  large: operation(async () => ({ stdout: "x".repeat(${LARGE_BYTES}) })),
  bytes: operation(async () => ({ stdout: new Uint8Array([0, 255, 10, 128]) })),
  echo: operation(async ({ stdin }) => ({ stdout: await stdin() }), 2500),
  mirror: operation(async () => ({ stdout: "out", exitCode: 7 })),
  fails: operation(async () => { throw new OperationError("Cannot do it:\\n pod not found\\n    at x (y.ts:1)"); }),
  fact: operation(async () => { throw new FactError('session "x" already exists'); }),
  bug: operation(async () => undefined.x),
  text: operation(async () => { throw "just text"; }),
  rejects: operation(async () => { Promise.reject(new Error("left\\nalone")); await never(); }),
  explodes: operation(async () => { setTimeout(() => { throw new Error("in a timer"); }, 1); await never(); }),
  deadline: operation(untilAborted, 3000),
  phases: operation(async (context) => {
    for (const phase of ["begin", "wait"]) context.log.phase(phase);
    await untilAborted(context).catch((error) => { context.log.phase("undo"); throw error; });
  }, 2000),
  late: async () => {
    Bun.sleepSync(1_500);
    const run = async (context) => {
      await untilAborted(context).catch(() => {});
      return { stdout: String(performance.now()) };
    };
    return { usage: "", help: "", deadlineMs: 2_000, run };
  },
  interrupted: operation(untilAborted),
  deaf: operation(async () => { writeSync(2, "ready"); await never(); }),
  setting: operation(async ({ settings }) => ({ stdout: settings.get("GC_K8S_CITY") })),
  spawns: operation(async ({ client }) => ({ stdout: String(client()) })),
} }, process.argv[2], process.argv.slice(3));
`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gc-k8s-run-"));
  writeFileSync(join(folder, "program.ts"), PROGRAM);
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  exit: number | null;
  stdout: string;
  stderr: string;
}

function command(args: string[]): string[] {
  return [process.execPath, join(folder, "program.ts"), join(folder, "gc-test"), ...args];
}

async function run(args: string[], stdin = "", env: Record<string, string> = {}): Promise<Outcome> {
  const child = Bun.spawn(command(args), { stdin: new Blob([stdin]), stdout: "pipe", stderr: "pipe", env });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { exit: await child.exited, stdout, stderr };
}

/** Runs the program by a shell, which can do to its streams what only a shell can. */
async function runByShell(script: string): Promise<Outcome> {
  const child = Bun.spawn(["bash", "-c", script, "test", ...command([])], { stdin: "ignore", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { exit: await child.exited, stdout, stderr };
}

describe("exit codes and streams", () => {
  test.concurrent.each<[string[], number, string, string]>([
    [["nothing"], 0, "", ""],
    [["hello", "a", "-x", ""], 0, "a,-x,\n", ""],
    [["mirror"], 7, "out", ""],
    [["no-such"], 2, "", "no-such: gc-test has no such operation\n"],
    [["constructor"], 2, "", "constructor: gc-test has no such operation\n"],
    [["a\nb not found"], 2, "", "a b absent: gc-test has no such operation\n"],
    [["-h"], 2, "", "-h: gc-test has no such operation\n"],
    [[], 1, "", "usage: gc-test <operation> [argument…]\n"],
    [[""], 1, "", "usage: gc-test <operation> [argument…]\n"],
    [["fails"], 1, "", "fails: Cannot do it:  pod absent     at x (y.ts:1)\n"],
    [["fact"], 1, "", 'fact: session "x" already exists\n'],
    [["text"], 1, "", "text: just text\n"],
    [["rejects"], 1, "", "left alone\n"],
    [["explodes"], 1, "", "in a timer\n"],
    [["deadline"], 1, "", "readydeadline: no result in 3 s\n"],
    [["phases"], 1, "", 'readyphases: no result in 2 s, in its phase "wait"\n'],
  ])("%p ends with %p", async (args, exit, stdout, stderr) => {
    expect(await run(args)).toEqual({ exit, stdout, stderr });
  });

  test.concurrent("a bug of ours is one line without a stack", async () => {
    const { exit, stdout, stderr } = await run(["bug"]);
    expect([exit, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^bug: .*undefined.*\n$/);
    expect(stderr).not.toContain("program.ts");
  });

  test.concurrent("a deadline counts from the process's beginning", async () => {
    expect(Number((await run(["late"])).stdout)).toBeLessThan(3_000);
  });

  test.concurrent("bytes go out as they are, and stdin comes in as it is", async () => {
    const child = Bun.spawn(command(["bytes"]), { stdout: "pipe" });
    expect([...new Uint8Array(await new Response(child.stdout).arrayBuffer())]).toEqual([0, 255, 10, 128]);
    expect((await run(["echo"], "é\n\n")).stdout).toBe("é\n\n");
  });

  test.concurrent("a bad setting fails every known operation, and no unknown one", async () => {
    const env = { GC_K8S_CITY: "x".repeat(500) };
    expect((await run(["nothing"], "", env)).exit).toBe(1);
    expect((await run(["no-such"], "", env)).exit).toBe(2);
  });
});

describe("streams that misbehave", () => {
  test.concurrent("3 MiB through a slow pipe arrive whole", async () => {
    const { exit, stdout } = await runByShell('"$@" large | { sleep 0.5; wc -c; }; exit ${PIPESTATUS[0]}');
    expect([exit, Number(stdout)]).toEqual([0, LARGE_BYTES]);
  });

  test.concurrent("a reader that leaves: exit 1, at most one line", async () => {
    const { exit, stderr } = await runByShell('"$@" large | head -c 10 >/dev/null; exit ${PIPESTATUS[0]}');
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^[^\n]*\n?$/);
  });

  test.concurrent("a full disk is no success", async () => {
    const { exit, stderr } = await runByShell('"$@" hello >/dev/full');
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^hello: [^\n]*\n$/);
  });

  test.concurrent("stdin that never ends stops at the deadline", async () => {
    const child = Bun.spawn(command(["echo"]), { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
    child.stdin.write("begun");
    await child.stdin.flush();
    expect(await new Response(child.stderr).text()).toBe("echo: no result in 2.5 s\n");
    expect(await child.exited).toBe(1);
  });

  test.concurrent.each([
    ["<&-", "hello x", [0], /^$/],
    ["<&-", "echo", [0, 1], /^([^\n]+\n)?$/],
    [">&-", "hello x", [0, 1], /^([^\n]+\n)?$/],
    ["2>&-", "hello x", [0], /^$/],
    ["2>&-", "fails", [1], /^$/],
    ["2>&-", "no-such", [2], /^$/],
    ["<&- >&- 2>&-", "fails", [1], /^$/],
  ])("%s %s", async (redirect, args, exits, stderrForm) => {
    const { exit, stderr } = await runByShell(`"$@" ${args} ${redirect}`);
    expect(exits).toContain(exit ?? -1);
    expect(stderr).toMatch(stderrForm);
  });
});

describe("signals", () => {
  async function interrupt(operation: string, signal: "SIGINT" | "SIGTERM" | "SIGHUP") {
    const child = Bun.spawn(command([operation]), { stdout: "pipe", stderr: "pipe" });
    const reader = child.stderr.getReader();
    await reader.read();
    const began = performance.now();
    child.kill(signal);
    const rest = await reader.read();
    const exit = await child.exited;
    return { exit, stderr: new TextDecoder().decode(rest.value), ms: performance.now() - began };
  }

  test.concurrent.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s aborts the operation", async (signal) => {
    const { exit, stderr, ms } = await interrupt("interrupted", signal);
    expect([exit, stderr]).toEqual([1, `interrupted: ended by ${signal}\n`]);
    expect(ms).toBeLessThan(1_000);
  });

  test.concurrent("an operation that does not heed it is ended before gc's SIGKILL after 2 s", async () => {
    const { exit, stderr, ms } = await interrupt("deaf", "SIGINT");
    expect([exit, stderr]).toEqual([1, "ended by SIGINT\n"]);
    expect(ms).toBeLessThan(2_000);
  });
});

describe("settings and log", () => {
  test("the settings file beside the name is read; the log has one line per operation", async () => {
    const log = join(folder, "log");
    writeFileSync(join(folder, SETTINGS_FILE), `city = "big"\nlog = "${log}"\n`);
    try {
      expect((await run(["setting"])).stdout).toBe("big");
      expect((await run(["fails"])).exit).toBe(1);
      const lines = readFileSync(log, "utf8").trimEnd().split("\n");
      expect(lines.map((line) => JSON.parse(line))).toMatchObject([
        { operation: "setting", exit: 0 },
        { operation: "fails", exit: 1, cause: "fails: Cannot do it:  pod absent     at x (y.ts:1)" },
      ]);
    } finally {
      rmSync(join(folder, SETTINGS_FILE));
    }
  });

  test("a log that cannot be written changes no result and takes no second line", async () => {
    const env = { GC_K8S_LOG: "/no/such/folder/log" };
    const good = await run(["hello", "x"], "", env);
    expect([good.exit, good.stdout]).toEqual([0, "x\n"]);
    expect(good.stderr).toMatch(/^Cannot write the operation log [^\n]*\n$/);
    expect(await run(["fact"], "", env)).toMatchObject({ exit: 1, stderr: 'fact: session "x" already exists\n' });
  });
});
