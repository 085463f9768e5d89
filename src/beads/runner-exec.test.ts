import { expect, test } from "bun:test";
import { BOOT } from "./runner-exec.ts";

test("a script that is cut off anywhere does nothing", () => {
  const script = "echo one\necho two\n# whole\n";
  for (let length = 0; length <= script.length; length++) {
    const stdin = Buffer.from(script.slice(0, length));
    const { stdout } = Bun.spawnSync(["sh", "-c", BOOT], { stdin });
    // The shell leaves out line breaks at the end.
    expect([length, stdout.toString()]).toEqual([length, length >= script.length - 1 ? "one\ntwo\n" : ""]);
  }
});
