import type { Context } from "../provider/operation.ts";
import type { BoxAnswer } from "./box-script.ts";
import { clearHistory } from "./clear-scrollback.ts";
import { typeText } from "./nudge.ts";
import { capturePane } from "./peek.ts";
import { pressKeys } from "./send-keys.ts";
import type { Session } from "./session.ts";

type Drive = (context: Context, session: Session) => Promise<BoxAnswer>;

/** Commands by which gc drives a session through `exec`, as words that "*" ends, and what is done instead: tmux itself
 * would lose bytes of a text, and give keys to the copy mode of somebody who scrolls. */
const SAFE_WAYS: { words: string; drive: (rest: string[]) => Drive | undefined }[] = [
  {
    words: "tmux send-keys -t main -l *",
    drive: ([text = "", ...more]) =>
      more.length > 0
        ? undefined
        : (context, session) => typeText(context, session, Buffer.from(text, "latin1"), { enter: false }),
  },
  {
    words: "tmux send-keys -t main *",
    drive: (keys) =>
      keys.length === 0 || keys[0]?.startsWith("-")
        ? undefined
        : (context, session) => pressKeys(context, session, keys),
  },
  {
    words: "tmux capture-pane -t main -p -S *",
    drive: ([start = "", ...more]) =>
      more.length > 0 || !/^-\d*$/.test(start) ? undefined : (context, session) => capturePane(context, session, start),
  },
  {
    words: "tmux clear-history -t main",
    drive: () => clearHistory,
  },
];

/** What to do instead of a command that gc sends; undefined for any other. Its bytes come and go as latin1. */
export function safeWay(command: string): Drive | undefined {
  const words = quotedWords(command);
  if (!words) return undefined;
  for (const way of SAFE_WAYS) {
    const expected = way.words.split(" ");
    const isOpen = expected.at(-1) === "*";
    if (isOpen) expected.pop();
    const fits = expected.every((word, index) => words[index] === word);
    if (!fits || (isOpen ? words.length <= expected.length : words.length !== expected.length)) continue;
    const drive = way.drive(words.slice(expected.length));
    if (drive) return drive;
  }
  return undefined;
}

/** The words of a command that quotes each of them as gc does, `'\\''` standing for a quote; undefined for any other. */
function quotedWords(command: string): string[] | undefined {
  const line = command.trimEnd();
  const words = [...line.matchAll(/'((?:[^']|'\\'')*)'(?: |$)/g)];
  if (words.map(([whole]) => whole).join("") !== line) return undefined;
  return words.map(([, word = ""]) => word.replaceAll("'\\''", "'"));
}
