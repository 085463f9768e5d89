import { afterAll, beforeAll, expect, test } from "bun:test";
import { calling } from "../conformance/broken.ts";
import { testNamespace } from "../conformance/namespace.ts";
import { calls, recording, watching } from "./broken.ts";
import { underLoad } from "./load.ts";
import { type EventsProvider, eventsExecutable } from "./provider.ts";

const namespace = testNamespace();
beforeAll(() => namespace.create(), 60_000);
afterAll(() => namespace.remove(), 60_000);

let count = 0;
const city = () => {
  const name = `load-${++count}`;
  return { city: name, env: { ...namespace.env(), GC_K8S_CITY: name }, kubectl: namespace.kubectl };
};

test("10 writers × 10 at once: 100 events, no number twice, four watchers with all of them in order", async () => {
  const place = city();
  await underLoad(eventsExecutable(place.env), place, { writers: 10, each: 10, watchers: 4 });
}, 120_000);

test("32 writers × 20 at once: none is lost", async () => {
  const place = city();
  await underLoad(eventsExecutable(place.env), place, { writers: 32, each: 20 });
}, 240_000);

test.each<[string, (real: EventsProvider) => EventsProvider]>([
  [
    "loses an event",
    calls((real) => async (call) => (/"message":"1"/.test(String(call.stdin)) ? await done() : real(call))),
  ],
  [
    "records one twice",
    calls(
      (real) => async (call) =>
        (await real(call)).exit === 0 && /"message":"1"/.test(String(call.stdin)) ? real(call) : done(),
    ),
  ],
  ["mixes up its writers", recording((event) => ({ ...event, actor: "writer-0" }))],
  ["loses one in a watch", watching((lines) => lines.filter((_, at) => at !== 2))],
  ["tells one too early", watching((lines) => [...lines.slice(1, 2), ...lines.slice(0, 1), ...lines.slice(2)])],
  ["writes to another log", calls(calling("record", (call) => ({ ...call, env: { GC_K8S_CITY: "elsewhere" } })))],
])(
  "a provider that %s is caught",
  async (_, broken) => {
    const place = city();
    const isCaught = await underLoad(broken(eventsExecutable(place.env)), place, {
      writers: 2,
      each: 2,
      watchers: 1,
    }).then(
      () => false,
      () => true,
    );
    expect(isCaught).toBe(true);
  },
  60_000,
);

async function done() {
  return { exit: 0, stdout: "", bytes: new Uint8Array(), stderr: "", ms: 0 };
}
