import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ground } from "./fault-ground.ts";
import type { Done, WireOperation } from "./wire-operations.ts";
import { INTERRUPTED, LIVE, oneOf, SCROLLED } from "./wire-sessions.ts";

const DRIVE_MS = 27_000;
const FOLDER = join(tmpdir(), `wire-${process.pid}`);
/** What a failed call has sent on its way arrives within this time. */
const ARRIVES_MS = 1_000;

interface Lie {
  id: string;
  text: string;
}

/** Operations that change something in a box. What came of them is read by kubectl once all calls are over. */
export const EFFECTS: WireOperation[] = [
  {
    op: "nudge",
    deadlineMs: DRIVE_MS,
    call: (id, chance) => ({ args: [LIVE.typed], stdin: `<${id}|${"x;".repeat(chance.between(1, 2_000))}>` }),
    settle: async (ground, runs) => {
      const read = await bytesRead(ground, LIVE.typed);
      return lies(runs, ({ answer: { call, exit } }) => timesSubmitted(read, call.stdin ?? "", exit === 0));
    },
  },
  {
    op: "send-keys",
    deadlineMs: DRIVE_MS,
    call: (id) => ({ args: [LIVE.pressed, `<${id}>`] }),
    settle: async (ground, runs) => {
      const read = await bytesRead(ground, LIVE.pressed);
      return lies(runs, ({ id }) => count(read, `<${id}>`));
    },
  },
  {
    op: "interrupt",
    deadlineMs: DRIVE_MS,
    alone: (id) => oneOf(INTERRUPTED, id),
    call: (id) => ({ args: [oneOf(INTERRUPTED, id)] }),
    before: async (ground, id) => String(await interruptsOf(ground, id)),
    async lie(ground, id, { exit }, before) {
      if (exit !== 0) await Bun.sleep(ARRIVES_MS);
      const times = (await interruptsOf(ground, id)) - Number(before);
      return lieAbout(times, exit === 0);
    },
  },
  {
    op: "exec",
    deadlineMs: DRIVE_MS,
    call: (id) => ({ args: [LIVE.main], stdin: `echo '${id}' >>/tmp/executed; printf 'out-${id}'` }),
    lie: (_, id, { exit, stdout }) =>
      exit === 0 && stdout.toString() !== `out-${id}` ? `printed "${stdout.toString().slice(0, 80)}"` : undefined,
    settle: async (ground, runs) => {
      const executed = await ground.inBox(LIVE.main, "cat /tmp/executed 2>/dev/null || :");
      return lies(runs, ({ id }) => count(`\n${executed.replaceAll("\n", "\n\n")}`, `\n${id}\n`));
    },
  },
  {
    op: "set-meta",
    deadlineMs: DRIVE_MS,
    call: (id, chance) => ({ args: [LIVE.main, `m-${id}`], stdin: "v;".repeat(chance.between(1, 2_000)) }),
    async settle(ground, runs) {
      const environment = await ground.inBox(LIVE.main, "tmux show-environment -t =main");
      return lies(runs, ({ id, answer: { call } }) => {
        const isPart = !`\n${environment}`.includes(`\nm-${id}=${call.stdin}\n`);
        return count(`\n${environment}`, `\nm-${id}=`) * (isPart ? 2 : 1);
      });
    },
  },
  {
    op: "remove-meta",
    deadlineMs: DRIVE_MS,
    before: (ground, id) => ground.inBox(LIVE.main, `tmux set-environment -t =main k-${id} here`),
    call: (id) => ({ args: [LIVE.main, `k-${id}`] }),
    async settle(ground, runs) {
      const environment = await ground.inBox(LIVE.main, "tmux show-environment -t =main");
      return lies(runs, ({ id }) => 1 - count(`\n${environment}`, `\nk-${id}=here\n`));
    },
  },
  {
    op: "copy-to",
    deadlineMs: DRIVE_MS,
    call(id, chance) {
      mkdirSync(FOLDER, { recursive: true });
      const source = join(FOLDER, id);
      writeFileSync(source, chance.bytes(chance.between(0, 300_000)));
      return { args: [LIVE.main, source, `wire/${id}`] };
    },
    async settle(ground, runs) {
      const sums = await ground.inBox(LIVE.main, "cd /workspace/wire && find . -type f -exec sha256sum {} +; ls -A");
      const left = await ground.inBox(LIVE.main, "ls -A /workspace | grep -c gc-copy || :");
      const wrong = await lies(runs, async ({ id, answer: { call } }) => {
        const hash = new Bun.CryptoHasher("sha256").update(await Bun.file(call.args[1] ?? "").bytes()).digest("hex");
        if (sums.includes(`${hash}  ./${id}\n`)) return 1;
        return sums.includes(`./${id}\n`) ? 2 : 0;
      });
      return left.trim() === "0" ? wrong : [...wrong, { id: "all", text: `${left.trim()} parts of copies are left` }];
    },
  },
  {
    op: "clear-scrollback",
    deadlineMs: DRIVE_MS,
    alone: (id) => oneOf(SCROLLED, id),
    call: (id) => ({ args: [oneOf(SCROLLED, id)] }),
    async before(ground, id) {
      await ground.inBox(oneOf(SCROLLED, id), "tmux send-keys -t =main: Enter; sleep 0.3");
      return await linesScrolled(ground, id);
    },
    async lie(ground, id, { exit }, before) {
      if (before === "0") throw new Error("there was nothing to clear");
      if (exit !== 0) return undefined;
      const lines = await linesScrolled(ground, id);
      return lines === "0" ? undefined : `${lines} lines are left`;
    },
  },
];

/** What succeeded must have happened once; what failed at most once. */
async function lies(runs: Done[], timesOf: (run: Done) => number | Promise<number>): Promise<Lie[]> {
  const found: Lie[] = [];
  for (const run of runs) {
    const text = lieAbout(await timesOf(run), run.answer.exit === 0);
    if (text) found.push({ id: run.id, text });
  }
  return found;
}

function lieAbout(times: number, hasSucceeded: boolean): string | undefined {
  if (times > 1) return `${hasSucceeded ? "succeeded" : "failed"}, and happened ${times} times, or in part`;
  return hasSucceeded && times !== 1 ? "succeeded and did nothing" : undefined;
}

/** How often a text was typed or, when that is more, Enter was pressed after it; texts are typed one at a time, so an
 * Enter that follows another Enter belongs to the same text. A failed call may have typed without an Enter. */
function timesSubmitted(read: string, text: string, needsEnter: boolean): number {
  const [, ...behind] = read.split(text);
  const enters = behind.reduce((sum, rest) => sum + (/^\r*/.exec(rest)?.[0].length ?? 0), 0);
  if (behind.length > 1 || enters > 1) return Math.max(behind.length, enters);
  return needsEnter ? Math.min(behind.length, enters) : behind.length;
}

async function interruptsOf(ground: Ground, id: string): Promise<number> {
  return count(await bytesRead(ground, oneOf(INTERRUPTED, id)), "\x03");
}

async function linesScrolled(ground: Ground, id: string): Promise<string> {
  const script = "tmux display-message -p -t =main: '#{history_size}'";
  return (await ground.inBox(oneOf(SCROLLED, id), script)).trim();
}

async function bytesRead(ground: Ground, session: string): Promise<string> {
  return await ground.inBox(session, "cat /tmp/read 2>/dev/null || :");
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
