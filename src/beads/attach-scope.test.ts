import { expect, test } from "bun:test";
import { message, SUCCESS, withExecServer } from "../kube/testdata/fake-exec.ts";
import { setUpScope } from "./attach-scope.ts";
import { contextOf } from "./testdata/context.ts";

const scope = { city: { name: "c", namespace: "n", runner: "r", pod: "r-0", identity: "i" }, prefix: "tc" };
const CUT_SHORT =
  "Error: failed to open Dolt store: failed to initialize schema: schema migration: pre-existing dirty tables changed during schema migration: dolt_schemas";

/** Sets the scope up where bd's first making meets half of a migration; returns the scripts that ran. */
async function scriptsOf(facts: Record<string, string> | undefined, failure: string[]): Promise<string[]> {
  const scripts: string[] = [];
  let script = "";
  const halved = {
    message(socket: { send(data: Uint8Array): unknown }, data: Uint8Array) {
      if (data[0] === 0) script += Buffer.from(data.subarray(1)).toString();
      if (data[0] !== 255) return;
      const isFirst = scripts.push(script) === 1;
      script = "";
      if (isFirst) socket.send(message(2, CUT_SHORT));
      socket.send(message(1, `\0done ${isFirst ? 1 : 0}\n`));
      socket.send(SUCCESS);
    },
  };
  await withExecServer(halved, async (client) => {
    const done = setUpScope(
      contextOf(client),
      scope,
      { database: "hq", root: "/city" },
      facts,
      performance.now() + 9_000,
    );
    await done.catch(({ message }: Error) => failure.push(message));
  });
  return scripts;
}

const mends = (script: string) => script.includes("remake_database");

test("a store whose making meets half a migration of its own is mended and made", async () => {
  const failure: string[] = [];
  expect((await scriptsOf(undefined, failure)).map(mends)).toEqual([false, true]);
  expect(failure).toEqual([]);
});

test("a store that was made is never made anew for it", async () => {
  const failure: string[] = [];
  expect((await scriptsOf({ issue_prefix: "tc" }, failure)).map(mends)).toEqual([false]);
  expect(failure).toEqual([expect.stringContaining("dirty tables")]);
});
