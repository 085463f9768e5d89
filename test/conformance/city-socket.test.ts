import { expect } from "bun:test";
import { basename } from "node:path";
import { starting } from "./broken.ts";
import { withFiles } from "./files.ts";
import { type Gc, rules } from "./rules.ts";

rules("tmux by the city's name", {}, [
  {
    title: "tmux -L reaches the agent's server by every name that the city has",
    async check(gc) {
      await withCity({ "city/city.toml": '[workspace]\nname = "bright-lights"\n' }, async (city) => {
        const session = await startIn(gc, city);
        for (const name of ["bright-lights", basename(city), "workspace"])
          expect(await gc.ok("exec", [session], `tmux -L '${name}' display-message -p -t main '#S #{pane_pid}'`)).toBe(
            await gc.ok("exec", [session], "tmux display-message -p -t main '#S #{pane_pid}'"),
          );
      });
    },
    broken: starting((config) => ({ ...config, env: {} })),
  },
  {
    title: "the name that this machine's site file gives the city is one of them",
    async check(gc) {
      const files = {
        "city/city.toml": '[workspace]\nname = "of-the-pack"\n',
        "city/.gc/site.toml": 'workspace_name = "of-the-site"\n',
      };
      await withCity(files, async (city) => {
        const session = await startIn(gc, city);
        await gc.ok("exec", [session], "tmux -L of-the-site set-environment -t main GC_DRAIN_ACK 1");
        expect(await gc.ok("get-meta", [session, "GC_DRAIN_ACK"])).toBe("1");
      });
    },
    broken: starting((config) => ({ ...config, env: {} })),
  },
  {
    title: "a city whose name is none for a socket, or whose file cannot be read, starts all the same",
    async check(gc) {
      for (const text of ['[workspace]\nname = "../../etc/a b"\n', "no = = toml"])
        await withCity({ "city/city.toml": text }, async (city) => {
          const session = await startIn(gc, city);
          expect(await gc.ok("exec", [session], `tmux -L '${basename(city)}' has-session -t main && echo met`)).toBe(
            "met\n",
          );
        });
    },
    broken: starting((config) => ({ ...config, env: {} })),
  },
]);

async function withCity(files: Record<string, string>, use: (city: string) => Promise<void>): Promise<void> {
  await withFiles(files, (root) => use(`${root}/city`));
}

async function startIn(gc: Gc, city: string): Promise<string> {
  return await gc.start({ command: "sleep 300", env: { GC_CITY: city } });
}
