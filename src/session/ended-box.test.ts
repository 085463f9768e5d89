import { describe, expect, test } from "bun:test";
import { parseBoxEnd } from "../pod/box-end.ts";
import { boxEnd } from "./ended-box.ts";

/** As box.sh prints it. */
function termination(metadata: string): string {
  const parts = ['"version":1', '"cause":"exited"', '"exitCode":7', '"signal":"9"', '"endedAt":"2026-01-02T03:04:05Z"'];
  return `{${parts.join(",")},"metadata":"${Buffer.from(metadata).toString("base64")}"}`;
}

test.each(["", "GC_A='x'; export GC_A;\n", "é日😀\n\n", "x".repeat(2800)])(
  "a box's message with metadata %p",
  (metadata) => {
    expect(parseBoxEnd(termination(metadata))).toEqual({
      cause: "exited",
      exitCode: 7,
      signal: "9",
      endedAt: "2026-01-02T03:04:05Z",
      // A byte string: the values of a shell need not be UTF-8.
      metadata: Buffer.from(metadata).toString("latin1"),
    });
  },
);

test("the longest message fits into what Kubernetes keeps of one", () => {
  expect(termination("x".repeat(2800)).length).toBeLessThanOrEqual(4096);
});

describe("anything else is none", () => {
  test.each([
    "",
    "Killed",
    "null",
    "5",
    '"text"',
    "[]",
    "{}",
    '{"version":2,"cause":"exited"}',
    '{"error":"an image\'s own message"}',
    termination("x").slice(0, -1),
  ])("%p", (message) => {
    expect(parseBoxEnd(message)).toBeUndefined();
  });
});

describe("the end of a box", () => {
  const finishedAt = "2026-01-02T03:04:06Z";

  test("that left a message is what it says, with Kubernetes' reason where that says more", () => {
    const message = termination("x");
    expect(boxEnd({ exitCode: 7, reason: "Error", message, finishedAt })).toEqual(parseBoxEnd(message) as never);
    expect(boxEnd({ exitCode: 137, reason: "OOMKilled", message, finishedAt }).reason).toBe("OOMKilled");
  });

  test.each(["OOMKilled", "Error", "Evicted: The node was low on resource: memory."])(
    "that was killed as a whole (%s) is what Kubernetes says, without metadata",
    (reason) => {
      const killed = { cause: "", exitCode: 137, signal: "", endedAt: finishedAt, metadata: "", reason };
      expect(boxEnd({ exitCode: 137, reason, finishedAt })).toEqual(killed);
      expect(boxEnd({ exitCode: 137, reason, finishedAt, message: "OCI runtime error" })).toEqual(killed);
    },
  );

  test("whose container Kubernetes lost tells no time", () => {
    expect(boxEnd({ exitCode: -1 })).toEqual({ cause: "", exitCode: -1, signal: "", endedAt: "", metadata: "" });
  });
});
