import { pressKey, readScreen } from "./drive.ts";
import type { GcProcess } from "./gc-process.ts";

/** Questions of agents at their first start, and the keys by which gc answers. */
const DIALOGS: { text: RegExp; keys: string[] }[] = [
  { text: /Do you trust the (files|contents)/i, keys: ["Enter"] },
  { text: /Bypass Permissions mode/, keys: ["Down", "Enter"] },
  { text: /Detected a custom API key/, keys: ["Up", "Enter"] },
];

const POLL_MS = 500;

/** Answers start-up dialogs until `budgetMs` has passed without any; returns the screens that were read. */
export async function answerDialogs(gc: GcProcess, session: string, budgetMs: number): Promise<string[]> {
  await watchStartup(gc, session, budgetMs);
  const screens: string[] = [];
  const answered = new Set<RegExp>();
  let end = performance.now() + budgetMs;
  while (performance.now() < end) {
    const screen = await readScreen(gc, session, 120);
    screens.push(screen);
    const dialog = DIALOGS.find(({ text }) => text.test(screen) && !answered.has(text));
    if (dialog) {
      answered.add(dialog.text);
      for (const key of dialog.keys) await pressKey(gc, session, key);
      end = performance.now() + budgetMs;
    }
    await Bun.sleep(POLL_MS);
  }
  return screens;
}

/** Screens as a stream, where the executable has that; a failure before the first line fails the start. */
async function watchStartup(gc: GcProcess, session: string, budgetMs: number): Promise<void> {
  const { exit, stdout, stderr } = await gc.begin("watch-startup", [session], { limitMs: budgetMs }).done;
  const [first = ""] = stdout.toString().split("\n");
  if (exit === 2 || (first === "" && (exit === 0 || exit === undefined))) return;
  if (first === "") throw new Error(`startup watcher: ${stderr.trim()}`);
  JSON.parse(first);
}
