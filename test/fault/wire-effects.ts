import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ground } from "./fault-ground.ts";
import type { Done, WireOperation } from "./wire-operations.ts";
import { keyToRemove, LIVE } from "./wire-sessions.ts";

const DRIVE_MS = 27_000;
const FOLDER = join(tmpdir(), `wire-${process.pid}`);

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
      const isSubmitted = (text: string) => read.includes(`${text}\r`);
      return lies(runs, ({ answer: { call, exit } }) =>
        exit === 0 && !isSubmitted(call.stdin ?? "") ? 0 : count(read, call.stdin ?? ""),
      );
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
    call: () => ({ args: [LIVE.interrupted] }),
    async settle(ground, runs) {
      const pressed = count(await bytesRead(ground, LIVE.interrupted), "\x03");
      const proved = runs.filter(({ answer }) => answer.exit === 0).length;
      if (pressed >= proved && pressed <= runs.length) return [];
      return [{ id: "all", text: `${proved} of ${runs.length} interrupts succeeded, and ${pressed} arrived` }];
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
      return lies(runs, ({ id, answer: { call } }) => count(`\n${environment}`, `\nm-${id}=${call.stdin}\n`));
    },
  },
  {
    op: "remove-meta",
    deadlineMs: DRIVE_MS,
    call: (id) => ({ args: [LIVE.main, keyToRemove(id)] }),
    async settle(ground, runs) {
      const environment = await ground.inBox(LIVE.main, "tmux show-environment -t =main");
      return lies(runs, ({ id }) => 1 - count(`\n${environment}`, `\n${keyToRemove(id)}=here\n`));
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
    isAlone: true,
    call: () => ({ args: [LIVE.scrolled] }),
    before: (ground) => ground.inBox(LIVE.scrolled, "tmux send-keys -t =main: Enter; sleep 0.3"),
    async lie(ground, _, { exit }) {
      if (exit !== 0) return undefined;
      const lines = await ground.inBox(LIVE.scrolled, "tmux display-message -p -t =main: '#{history_size}'");
      return lines.trim() === "0" ? undefined : `${lines.trim()} lines are left`;
    },
  },
];

/** What succeeded must have happened once; what failed at most once. */
async function lies(runs: Done[], timesOf: (run: Done) => number | Promise<number>): Promise<Lie[]> {
  const found: Lie[] = [];
  for (const run of runs) {
    const times = await timesOf(run);
    if (times > 1)
      found.push({ id: run.id, text: `ended with ${run.answer.exit} and happened ${times} times, or in part` });
    else if (run.answer.exit === 0 && times !== 1) found.push({ id: run.id, text: "succeeded and did nothing" });
  }
  return found;
}

async function bytesRead(ground: Ground, session: string): Promise<string> {
  return await ground.inBox(session, "cat /tmp/read");
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
