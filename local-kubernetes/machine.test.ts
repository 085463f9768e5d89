import { expect, test } from "bun:test";
import { type Machine, machineProblem } from "./machine.ts";

const GOOD: Machine = { platform: "linux", arch: "x64", uid: 0, hasOverlay: true, freeGb: 50, neededGb: 6 };

test("machineProblem() accepts root on Linux, x86_64 and arm64", () => {
  expect(machineProblem(GOOD)).toBeUndefined();
  expect(machineProblem({ ...GOOD, arch: "arm64" })).toBeUndefined();
});

test.each<[Partial<Machine>, string]>([
  [{ platform: "darwin" }, 'it needs Linux, this is "darwin"'],
  [{ arch: "riscv64" }, 'this is "riscv64"'],
  [{ uid: 1000 }, "run it as root"],
  [{ hasOverlay: false }, "modprobe overlay"],
  [{ freeGb: 5.9 }, "the disk has 5.9 GB left: free 6 GB"],
  [{ freeGb: 0.9, neededGb: 1 }, "free 1 GB"],
])("machineProblem() names the problem of %p and what to do", (difference, text) => {
  expect(machineProblem({ ...GOOD, ...difference })).toContain(text);
});

test("machineProblem() needs little room once everything is built", () => {
  expect(machineProblem({ ...GOOD, freeGb: 2, neededGb: 1 })).toBeUndefined();
});
