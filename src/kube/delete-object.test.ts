import { expect, test } from "bun:test";
import { deleteObject } from "./delete-object.ts";
import type { ApiError } from "./errors.ts";
import { statusAnswer, withApi } from "./testdata/fake-api.ts";

const PATH = "/api/v1/namespaces/n/pods/x";
const conflict = () => statusAnswer(409, { reason: "Conflict" });
const absent = () => statusAnswer(404, { reason: "NotFound", details: { kind: "pods", name: "x" } });
const pod = (uid: string) => Response.json({ kind: "Pod", metadata: { name: "x", uid } });

/** Deletes the pod of uid "seen" where the API answers `DELETE` and, after it, `GET` so. */
async function outcome(onDelete: () => Response, onGet: () => Response) {
  let asked = "";
  let result: unknown;
  await withApi(
    ({ method, body }) => {
      if (method === "DELETE") expect(JSON.parse(body)).toMatchObject({ preconditions: { uid: "seen" } });
      asked += `${method} `;
      return method === "DELETE" ? onDelete() : onGet();
    },
    async ({ client }) => {
      const signal = AbortSignal.timeout(3_000);
      const deletion = { path: PATH, uid: "seen", what: 'pod "x"', kind: "pods", signal };
      result = await deleteObject(client, deletion).then(
        (answer) => (answer ? "deleted" : "gone"),
        (error: ApiError) => `${error.code} ${error.reason}`,
      );
    },
  );
  return [asked.trim(), result];
}

test.each([
  ["what is there is deleted, with its uid", () => pod("seen"), absent, "DELETE", "deleted"],
  ["what is absent is gone", absent, absent, "DELETE", "gone"],
  ["a conflict with another object of the name: it is gone", conflict, () => pod("other"), "DELETE GET", "gone"],
  ["a conflict, and nothing is there any more: it is gone", conflict, absent, "DELETE GET", "gone"],
  ["a conflict, and it is still there: it is not gone", conflict, () => pod("seen"), "DELETE GET", "409 Conflict"],
  ["a conflict, and nobody may look: it is not gone", conflict, () => statusAnswer(403), "DELETE GET", "409 Conflict"],
  [
    "a conflict, and what is there has no uid: it is not gone",
    conflict,
    () => Response.json({}),
    "DELETE GET",
    "409 Conflict",
  ],
  [
    "an object of another kind is absent: it is not gone",
    () => statusAnswer(404, { reason: "NotFound", details: { kind: "nodes" } }),
    absent,
    "DELETE",
    "404 NotFound",
  ],
])("%s", async (_, onDelete, onGet, asked, result) => {
  expect(await outcome(onDelete, onGet)).toEqual([asked, result]);
});
