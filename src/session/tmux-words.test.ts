import { expect, test } from "bun:test";
import { projectTarget, tmuxArgument } from "./tmux-words.ts";

test.each([
  ["tmux set-option -t clerk status off", "tmux set-option -t main status off"],
  [
    "tmux set-option -t '=clerk' a; tmux send-keys -tclerk:0.1 x",
    "tmux set-option -t '=main' a; tmux send-keys -tmain:0.1 x",
  ],
  ["tmux set -t clerk a \\; set -t clerk b", "tmux set -t main a \\; set -t main b"],
  ["x=$(tmux display -p -t clerk)", "x=$(tmux display -p -t main)"],
  ["tmux set -t clerk2 a -t other.clerk", "tmux set -t clerk2 a -t other.clerk"],
  ["tmux ls | sort -t clerk; echo clerk", "tmux ls | sort -t clerk; echo clerk"],
])("%p in the box is %p", (command, inBox) => {
  expect(projectTarget(command, "clerk")).toBe(inBox);
  expect(projectTarget(command, "")).toBe(command);
});

test("an argument that ends in a semicolon is no end of a command", () => {
  expect([tmuxArgument("a;"), tmuxArgument("a;b"), tmuxArgument("")]).toEqual(["a\\;", "a;b", ""]);
});
