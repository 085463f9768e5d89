import { expect, test } from "bun:test";
import { RunnerAnnotation } from "../pod/labels.ts";
import { scopeRecords } from "./scope-record.ts";

const set = (text: string) => ({
  metadata: {
    name: "gc-beads-runner-c",
    uid: "u",
    resourceVersion: "1",
    annotations: { [RunnerAnnotation.scopes]: text },
  },
  spec: {},
});

test("the record of a city's stores, which people may edit", () => {
  expect(scopeRecords(undefined)).toEqual({});
  expect(scopeRecords(set('{"tc":{"database":"hq","root":"/city"}}'))).toEqual({
    tc: { database: "hq", root: "/city" },
  });
  expect(() => scopeRecords(set("{"))).toThrow(/annotation "\S+" of statefulset "gc-beads-runner-c" is no JSON/);
});
