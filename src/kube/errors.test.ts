import { expect, test } from "bun:test";
import { ApiError, isAlreadyExists, isConflict, isGone, isNotFound, isRefusal, TransportError } from "./errors.ts";

test.each([
  [404, "NotFound", "isNotFound"],
  [409, "AlreadyExists", "isAlreadyExists"],
  [409, "Conflict", "isConflict"],
  [410, "Gone", "isGone"],
  [410, "Expired", "isGone"],
  // A proxy's page and a missing API path are no answer about the object.
  [404, "", ""],
  [404, "PageNotFound", ""],
  [403, "NotFound", ""],
  [409, "", ""],
  [500, "InternalError", ""],
])("%p %p is what %p says, and nothing else", (code, reason, expected) => {
  const error = new ApiError("GET pod", { code, reason });
  const predicates = { isNotFound, isAlreadyExists, isConflict, isGone };
  const matching = Object.entries(predicates).filter(([, holds]) => holds(error));
  expect(matching.map(([name]) => name)).toEqual(expected ? [expected] : []);
});

test.each([
  [{ name: "x", kind: "pods" }, true],
  [{ name: "x", kind: "namespaces" }, false],
  [{ name: "x", kind: "nodes" }, false],
  [{}, false],
  [undefined, false],
])("%p is %p of a pod", (details, expected) => {
  const status = { code: 404, reason: "NotFound", ...(details && { details }) };
  expect(isNotFound(new ApiError("GET pod", status), "pods")).toBe(expected);
  expect(isNotFound(new ApiError("GET pod", status))).toBe(true);
});

test("a refusal is what had no effect and never will: neither what may pass nor a failure of the server", () => {
  const codes = [0, 400, 401, 403, 404, 408, 409, 410, 422, 429, 500, 503];
  expect(codes.filter((code) => isRefusal(new ApiError("POST", { code })))).toEqual([400, 401, 403, 404, 410, 422]);
  expect(isRefusal(new TransportError("POST", "broke", false))).toBe(false);
});

test.each([undefined, null, {}, { code: 404, reason: "NotFound" }, new Error("NotFound")])(
  "%p is no answer of the API server",
  (value) => {
    for (const holds of [isNotFound, isAlreadyExists, isConflict, isGone]) expect(holds(value)).toBe(false);
  },
);

test("an API error names the request, the server's words and the code", () => {
  const error = new ApiError('GET pod "x"', { code: 403, reason: "Forbidden", message: 'pods "x" is forbidden' });
  expect(error.message).toBe('GET pod "x": pods "x" is forbidden (HTTP 403)');
  expect(new ApiError("GET", { reason: "Forbidden", code: 403 }).message).toBe("GET: Forbidden (HTTP 403)");
  expect(new ApiError("GET", {}).message).toBe("GET: no reason given (HTTP 0)");
});

test("a transport error keeps its cause and whether the request ever left", () => {
  const cause = new Error("ECONNRESET");
  const error = new TransportError("GET", "broke", false, { cause });
  expect([error.message, error.unsent, error.cause]).toEqual(["GET: broke", false, cause]);
});
