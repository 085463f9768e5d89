import { pressKey, readScreen } from "./drive.ts";
import type { GcProcess } from "./gc-process.ts";
import { watchStartup } from "./startup-watch.ts";

/** Questions of agents at their first start, and the keys by which gc answers. */
const DIALOGS: { text: RegExp; keys: string[] }[] = [
  { text: /Choose the text style/, keys: ["Enter"] },
  { text: /Resume full session/, keys: ["Down", "Enter"] },
  { text: /Skip until next version/, keys: ["Down", "Enter"] },
  { text: /Do you trust the (files|contents)|trust this folder/i, keys: ["Enter"] },
  { text: /Allow external CLAUDE\.md/, keys: ["Enter"] },
  { text: /new MCP servers? found/i, keys: ["Down", "Enter"] },
  { text: /hooks? needs? review/i, keys: ["Down", "Enter"] },
  { text: /Bypass Permissions mode/, keys: ["Down", "Enter"] },
  { text: /Detected a custom API key/, keys: ["Up", "Enter"] },
  { text: /Stop and wait for limit/, keys: ["Down", "Enter"] },
];

const POLL_MS = 500;
/** A watch that shows nothing by then is given up for `peek`. */
const FIRST_SCREEN_MS = 8_000;
const NEXT_SCREEN_MS = 100;

/** What was seen and answered so far. */
interface Search {
  screens: string[];
  answered: Set<RegExp>;
  end: number;
}

/** Answers start-up dialogs until `budgetMs` has passed without any; returns the screens that were read.
 * Screens come from `watch-startup` while it has something to tell, then from `peek`. */
export async function answerDialogs(gc: GcProcess, session: string, budgetMs: number): Promise<string[]> {
  const search: Search = { screens: [], answered: new Set(), end: performance.now() + budgetMs };
  const look = async (screen: string) => {
    const isAnswered = await answer(gc, session, search, screen);
    if (isAnswered) search.end = performance.now() + budgetMs;
    return isAnswered;
  };
  const watch = watchStartup(gc, session);
  try {
    let screen = await watch.next(FIRST_SCREEN_MS);
    while (screen !== undefined) {
      const isAnswered = await look(screen);
      screen = await watch.next(isAnswered ? search.end - performance.now() : NEXT_SCREEN_MS);
    }
  } finally {
    await watch.end();
  }
  while (performance.now() < search.end) {
    await look(await readScreen(gc, session, 120));
    await Bun.sleep(POLL_MS);
  }
  return search.screens;
}

/** Presses the keys that a screen asks for; false when it asks for none. */
async function answer(gc: GcProcess, session: string, search: Search, screen: string): Promise<boolean> {
  search.screens.push(screen);
  const dialog = DIALOGS.find(({ text }) => text.test(screen) && !search.answered.has(text));
  if (!dialog) return false;
  search.answered.add(dialog.text);
  for (const key of dialog.keys) await pressKey(gc, session, key);
  return true;
}
