import { expect, test } from "bun:test";
import { type Command, parseCommand } from "./command.ts";

const READ: [args: string, command: Command][] = [
  ["up", { verb: "up", name: "default", withBeads: false }],
  ["up --with beads", { verb: "up", name: "default", withBeads: true }],
  ["down --name a-1", { verb: "down", name: "a-1" }],
  ["kubeconfig --name=b", { verb: "kubeconfig", name: "b" }],
  ["status", { verb: "status", name: "default", json: false }],
  ["status -o json", { verb: "status", name: "default", json: true }],
  ["load x.tar --name b", { verb: "load", name: "b", archive: "x.tar" }],
];

test.each(READ)("parseCommand() reads %p", (args, command) => {
  expect(parseCommand(args.split(" "))).toEqual(command);
});

const REFUSED = [
  "",
  "restart",
  "load",
  "load a b",
  "up a",
  "up -o json",
  "up --with",
  "up --with bread",
  "down --with beads",
  "status -o yaml",
  "up --nam x",
  "up --name",
];

test.each(REFUSED)("parseCommand() refuses %p with the usage", (args) => {
  expect(() => parseCommand(args.split(" ").filter(Boolean))).toThrow("usage: npm run cluster");
});

test.each(["A", "-a", "a-", "a.b", "../x", "x".repeat(41)])("parseCommand() refuses the name %p", (name) => {
  expect(() => parseCommand(["up", `--name=${name}`])).toThrow(`Cannot use the name "${name}"`);
});
