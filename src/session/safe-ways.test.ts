import { expect, test } from "bun:test";
import { safeWay } from "./safe-ways.ts";

const quoted = (...words: string[]) => words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");

test.each([
  quoted("tmux", "send-keys", "-t", "main", "-l", "it's -x;"),
  quoted("tmux", "send-keys", "-t", "main", "-l", "Enter"),
  quoted("tmux", "send-keys", "-t", "main", "Down", "Enter"),
  quoted("tmux", "capture-pane", "-t", "main", "-p", "-S", "-120"),
  quoted("tmux", "capture-pane", "-t", "main", "-p", "-S", "-"),
  `${quoted("tmux", "clear-history", "-t", "main")}\n`,
])("gc's own %p has a safe way", (command) => {
  expect(safeWay(command)).toBeFunction();
});

test.each([
  "",
  "echo hello",
  "tmux send-keys -t main Enter",
  quoted("tmux", "send-keys", "-t", "main"),
  quoted("tmux", "send-keys", "-t", "main2", "Enter"),
  quoted("tmux", "send-keys", "-t", "main", "-l"),
  quoted("tmux", "send-keys", "-t", "main", "-l", "two", "texts"),
  quoted("tmux", "send-keys", "-t", "main", "-R"),
  quoted("tmux", "capture-pane", "-t", "main", "-p"),
  quoted("tmux", "capture-pane", "-t", "main", "-p", "-S", "0"),
  quoted("tmux", "clear-history", "-t", "main", "-H"),
  quoted("tmux", "has-session", "-t", "main"),
  `${quoted("tmux", "send-keys", "-t", "main", "Enter")}; echo`,
])("any other command runs as it is: %p", (command) => {
  expect(safeWay(command)).toBeUndefined();
});
