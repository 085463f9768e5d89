import { afterAll, beforeAll, expect, test } from "bun:test";
import { executable, type Provider } from "../conformance/provider.ts";
import { type Store, storeWith } from "./bead-rules.ts";
import { type TestPlace, testPlace } from "./test-city.ts";

const CITY = { city: "agents", prefix: "ag", database: "agents" };
/** As docs/beads.md has it for a city's agents. */
const PRE_START =
  "bd init --server --database agents --prefix ag --skip-hooks --skip-agents --non-interactive --quiet </dev/null";

let place: TestPlace;
let store: Store;
let session: Provider;
beforeAll(async () => {
  place = await testPlace();
  store = storeWith(await place.init(CITY), place, CITY.prefix, CITY.city);
  const env = {
    ...place.env(CITY),
    GC_K8S_IMAGE: place.cluster.beadsImage,
    GC_K8S_POD_SECURITY: "restricted",
    GC_K8S_ENV_CREDENTIALS: JSON.stringify({ BEADS_DOLT_PASSWORD: "dolt/password" }),
  };
  session = executable(env, `${import.meta.dir}/../../dist/gc-session-k8s`);
}, 180_000);
afterAll(() => place?.remove(), 60_000);

test("an agent's own bd works on the beads of its city, both ways", async () => {
  const config = { command: "exec sleep 600", env: { GC_DOLT_PORT: "3307" }, pre_start: [PRE_START] };
  const start = { op: "start", args: ["clerk"], stdin: JSON.stringify(config) };
  expect(await session(start)).toMatchObject({ exit: 0, stderr: "" });
  const { id } = await store.create({ title: "from gc" });
  const inBox = async (stdin: string) => {
    const { exit, stdout } = await session({ op: "exec", args: ["clerk"], stdin });
    expect({ exit, stdout }).toMatchObject({ exit: 0 });
    return stdout;
  };
  expect(await inBox("bd list --json")).toContain(`"id": "${id}"`);
  await inBox(`bd update ${id} --assignee clerk --json && bd create --json --title='from the agent' --type task`);
  const beads = await store.beads("list");
  expect(beads.map(({ title, assignee }) => [title, assignee]).sort()).toEqual([
    ["from gc", "clerk"],
    ["from the agent", undefined],
  ]);
}, 120_000);
