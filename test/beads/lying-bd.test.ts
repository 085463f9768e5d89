import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Store, storeWith } from "./bead-rules.ts";
import { replaceBd, type TestPlace, testPlace } from "./test-city.ts";

let place: TestPlace;
let store: Store;

const CITY = { city: "lies", prefix: "li", database: "lies" };

beforeAll(async () => {
  place = await testPlace();
  store = storeWith(await place.init(CITY), place, "li", "lies");
}, 180_000);
afterAll(() => place?.remove(), 60_000);

/** A bd that does its work for one command, and then takes itself away. */
function once(command: string, work: string): void {
  replaceBd(
    place,
    CITY,
    `#!/bin/sh\nbd=/usr/local/bin/bd\ncase $1 in ${command}) rm -f /tmp/bin/bd\n${work} ;; esac\nexec $bd "$@"`,
  );
}

async function edgesOf(id: string): Promise<unknown[]> {
  return JSON.parse(await store.ok("dep-list", [id, "down"])) as unknown[];
}

/** Prints a row of the real bd with one thing in it changed. */
const printed = (sed: string) => `$bd "$@" | sed '${sed}'; exit`;

test.each<[string, object, string]>([
  ["status", { status: "in_progress" }, 's/"status": "[a-z_]*"/"status": "blocked"/'],
  ["title", { title: "new" }, 's/"title": "new"/"title": "old"/'],
  ["title", { title: " new " }, 's/"gc-k8s.title": " new "/"gc-k8s.title": "new"/'],
  ["type", { type: "bug" }, 's/"issue_type": "bug"/"issue_type": "task"/'],
  ["priority", { priority: 0 }, 's/"priority": 0/"priority": 1/'],
  ["description", { description: "new" }, 's/"description": "new"/"description": "old"/'],
  ["assignee", { assignee: "new" }, 's/"assignee": "new"/"assignee": "old"/'],
  ['label "new"', { labels: ["new"] }, 's/"new"/"old"/'],
  ['label "kept"', { remove_labels: ["kept"] }, 's/"title": "t",/"title": "t", "labels": ["kept"],/'],
  ['metadata "k"', { metadata: { k: "new" } }, 's/"k": "new"/"k": "old"/'],
  ["parent", { parent_id: "" }, "s/^/ /"],
])(
  "update fails when bd prints another %s than was asked for",
  async (field, request, sed) => {
    const { id } = await store.create({ labels: ["kept"], metadata: { k: "k" } });
    // The parent stands in the row of the look after the change alone.
    if (field === "parent")
      once("list", `$bd "$@" | sed 's/"status": "open"/"status": "open", "parent": "li-x"/'; exit`);
    else once("update", printed(sed));
    expect(await store.refused("update", [id], JSON.stringify(request))).toContain(
      `its ${field} is not what was asked`,
    );
  },
  60_000,
);

test("close, reopen and delete fail when bd does something else than was asked for", async () => {
  const { id } = await store.create();
  once("close", printed('s/"status": "closed"/"status": "open"/'));
  // It is told again then, with the bead's own reason, and is believed only when it is closed.
  const { exit } = await store.call("close", [id]);
  expect([exit, (await store.get(id)).status]).toEqual([0, "closed"]);
  once("reopen", printed('s/"status": "open"/"status": "closed"/'));
  await store.refused("reopen", [id]);
  once("delete", printed('s/"deleted": "[^"]*"/"deleted": "li-other"/'));
  expect(await store.refused("delete", ["--force", id])).toContain('it deleted "li-other"');
  const { id: one } = await store.create();
  const { id: other } = await store.create();
  once("dep", printed('s/"type": "blocks"/"type": "tracks"/'));
  await store.refused("dep-add", [one, other, "blocks"]);
  let type = "blocks";
  for (const lie of ['s/"target": ".*/"target": "li-other"/', 's/"ok"/"dry run"/', 's/"results"/"others"/']) {
    once("batch", printed(lie));
    type = type === "blocks" ? "tracks" : "blocks";
    expect(await store.refused("dep-add", [one, other, type])).toContain("bd made another edge");
  }
}, 120_000);

test("create fails when bd leaves out an edge", async () => {
  const { id } = await store.create();
  once("list", printed('s/"type": "blocks"/"type": "related"/'));
  expect(await store.refused("create", [], JSON.stringify({ title: "t", needs: [id] }))).toContain(
    `without its dependency blocks:${id}, and it is there`,
  );
}, 60_000);

test("a create that bd gave another edge says that its bead is there, when it cannot be deleted", async () => {
  const { id } = await store.create();
  once("delete", "echo no >&2; exit 1");
  const request = JSON.stringify({ title: "left there", needs: [id.slice(0, -1)] });
  expect(await store.refused("create", [], request)).toContain(
    `without its dependency blocks:${id.slice(0, -1)}, and it is there`,
  );
  expect(store.bd("list", "--all", "--json")).toContain("left there");
}, 60_000);

test("a dependency keeps its type when the change fails midway, and has the new one though bd is killed", async () => {
  const [{ id: one }, { id: other }] = [await store.create(), await store.create()];
  await store.ok("dep-add", [one, other, "tracks"]);
  // The first line has been done when the second is refused.
  once("batch", `sed '$ s/"li-[a-z0-9]*" blocks/"li-nope9" blocks/' | $bd "$@"; exit`);
  expect(await store.refused("dep-add", [one, other, "blocks"])).toContain('there is no bead "li-nope9"');
  expect(await edgesOf(one)).toEqual([{ issue_id: one, depends_on_id: other, type: "tracks" }]);
  for (const isDone of [true, false]) {
    once("batch", killed(isDone, "version"));
    const type = isDone ? "blocks" : "related";
    await store.ok("dep-add", [one, other, type]);
    expect(await edgesOf(one)).toEqual([{ issue_id: one, depends_on_id: other, type }]);
  }
}, 60_000);

test("a warning of bd's is no answer", async () => {
  replaceBd(
    place,
    CITY,
    '#!/bin/sh\necho "warning: issue li-x not found in the cache" >&2\nexec /usr/local/bin/bd "$@"',
  );
  for (const op of ["close", "update", "reopen"]) await store.notFound(op, ["li-nope1"], '{"title":"x"}');
  await store.notFound("delete", ["--force", "li-nope1"]);
  const request = JSON.stringify({ title: "t", needs: ["li-nope1"] });
  expect(await store.refused("create", [], request)).toContain('it needs bead "li-nope1", which does not exist');
  place.kubectl("exec", "gc-beads-runner-lies-0", "--", "rm", "/tmp/bin/bd");
}, 120_000);

/** Does its work, or not, lets another writer in, and ends as a killed one. */
const killed = (isDone: boolean, other: string) =>
  `${isDone ? '$bd "$@" >/dev/null; ' : ""}$bd ${other} >/dev/null; exit 137`;

test("an empty store that bd falls back to is an error for reads and for health", async () => {
  const fallen = (answer: string) => `echo 'auto-importing 3 issues into empty database' >&2; echo '${answer}'; exit`;
  once("sql", fallen('r\n"[65, 24]"'));
  expect(await store.refused("list", [])).toContain("bd fell back to an empty database");
  once("list", fallen("[]"));
  expect(await store.refused("get", ["li-x"])).toContain("bd fell back to an empty database");
  once("ping", fallen("{}"));
  await store.refused("health", []);
  await store.ok("health", []);
}, 60_000);

test("what was done before its bd was killed is done", async () => {
  const [{ id: one }, { id: other }] = [await store.create(), await store.create()];
  once("dep", killed(true, "version"));
  await store.ok("dep-add", [one, other, "blocks"]);
  expect(await edgesOf(one)).toHaveLength(1);
  once("dep", killed(true, "version"));
  await store.ok("dep-remove", [one, other]);
  expect(await edgesOf(one)).toHaveLength(0);
  once("close", killed(true, "version"));
  await store.ok("close", [one]);
  expect((await store.get(one)).status).toBe("closed");
  once("delete", killed(true, "version"));
  await store.ok("delete", ["--force", one]);
  await store.notFound("get", [one]);
}, 120_000);

test("an update whose end is not known does not undo what another has changed since", async () => {
  const { id } = await store.create();
  for (const isDone of [true, false]) {
    once("update", killed(isDone, `update ${id} --status=blocked --force --assignee=other`));
    const error = await store.refused("update", [id], '{"status":"in_progress","assignee":"me"}');
    expect(error).toContain("whether it was changed is not known");
    expect(await store.get(id)).toMatchObject({ assignee: "other", status: "open" });
  }
}, 120_000);

test("a reopen whose end is not known does not open again what another has closed since", async () => {
  const { id } = await store.create();
  await store.ok("close", [id]);
  once("reopen", killed(true, "version"));
  await store.ok("reopen", [id]);
  expect((await store.get(id)).status).toBe("open");
  await store.ok("close", [id]);
  once("reopen", killed(true, `close --force ${id}`));
  await store.refused("reopen", [id]);
  expect((await store.get(id)).status).toBe("closed");
}, 120_000);

test("an update whose end is not known succeeds when the bead is as it was asked for", async () => {
  const { id } = await store.create();
  once("update", killed(true, "version"));
  await store.update(id, { status: "in_progress", assignee: "me", title: " t ", parent_id: "" });
  expect(await store.get(id)).toMatchObject({ assignee: "me", status: "in_progress", title: " t " });
}, 60_000);

test("labels and metadata are written again, and whatever certainly changed nothing", async () => {
  const { id } = await store.create();
  once("update", killed(false, "version"));
  await store.update(id, { labels: ["l"], metadata: { k: "v" } });
  once("update", "echo 'Error: failed to open database: Dolt server unreachable at dolt:3307' >&2; exit 1");
  await store.update(id, { status: "in_progress" });
  expect(await store.get(id)).toMatchObject({ labels: ["l"], metadata: { k: "v" }, status: "in_progress" });
}, 60_000);
