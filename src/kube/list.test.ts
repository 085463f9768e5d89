import { describe, expect, test } from "bun:test";
import { rejectionOf, type Seen, statusAnswer, withApi } from "./testdata/fake-api.ts";
import { type KubeObject, list, pages } from "./watch.ts";

describe("a list", () => {
  const page = (names: string[], next?: string) => {
    const metadata = { resourceVersion: "7", ...(next && { continue: next }) };
    return Response.json({ metadata, items: names.map((name) => ({ metadata: { name } })) });
  };
  const options = () => ({ path: "/pods", what: "LIST", labelSelector: "a=b", signal: AbortSignal.timeout(3_000) });
  const continues = (seen: Seen[]) => seen.map(({ url }) => url.searchParams.get("continue"));

  test("reads every page, each with the selector", async () => {
    const pages = [page(["a", "b"], "t1"), page([], "t2"), page(["c"])];
    await withApi(
      (_, number) => pages[number] ?? page([]),
      async ({ client, seen }) => {
        const { items, resourceVersion } = await list<KubeObject>(client, options());
        expect(items.map(({ metadata }) => metadata.name)).toEqual(["a", "b", "c"]);
        expect(resourceVersion).toBe("7");
        expect(continues(seen)).toEqual([null, "t1", "t2"]);
        expect(new Set(seen.map(({ url }) => url.searchParams.get("labelSelector")))).toEqual(new Set(["a=b"]));
      },
    );
  });

  test("an empty one may say null instead of a list, as the API server does for metadata only", async () => {
    await withApi(
      () => Response.json({ metadata: { resourceVersion: "7" }, items: null }),
      async ({ client }) => expect((await list<KubeObject>(client, options())).items).toEqual([]),
    );
  });

  test.each([
    null,
    {},
    { kind: "Status" },
    { metadata: {} },
    { metadata: {}, items: {} },
    { items: [] },
    { metadata: {}, items: [null] },
    { metadata: {}, items: [{ metadata: { name: "a" } }, { spec: {} }] },
  ])("%j is no list, and no empty one either", async (answer) => {
    await withApi(
      () => Response.json(answer),
      async ({ client }) => {
        expect(await rejectionOf(list(client, options()))).toMatchObject({ name: "TransportError" });
      },
    );
  });

  test("a continuation that expired midway starts it anew, and nothing is told twice", async () => {
    const pages = [page(["a"], "old"), statusAnswer(410, { reason: "Expired" }), page(["a"], "new"), page(["b"])];
    await withApi(
      (_, number) => pages[number] ?? page([]),
      async ({ client, seen }) => {
        const { items } = await list<KubeObject>(client, options());
        expect(items.map(({ metadata }) => metadata.name)).toEqual(["a", "b"]);
        expect(continues(seen)).toEqual([null, "old", null, "new"]);
      },
    );
  });

  test("a list that always expires fails, and never with a part", async () => {
    await withApi(
      (seen) => (seen.url.searchParams.has("continue") ? statusAnswer(410) : page(["a"], "t")),
      async ({ client }) => {
        expect(await rejectionOf(list(client, options()))).toMatchObject({ code: 410 });
      },
    );
  });

  test("whoever reads page by page gets a short one first, and asks for no more than it reads", async () => {
    await withApi(
      (_, number) => page([`n${number}`], "next"),
      async ({ client, seen }) => {
        const names: string[] = [];
        for await (const { items } of pages<KubeObject>(client, { ...options(), firstPage: 200 })) {
          names.push(...items.map(({ metadata }) => metadata.name));
          if (names.length === 3) break;
        }
        expect(names).toEqual(["n0", "n1", "n2"]);
        expect(seen.map(({ url }) => url.searchParams.get("limit"))).toEqual(["200", "400", "500"]);
      },
    );
  });
});
