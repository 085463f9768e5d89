import { expect, test } from "bun:test";
import { longerPause, shorterPause } from "./pace.ts";

test("pauses grow from the first meeting on, up to a bound", () => {
  expect([0, 20, 100, 1_500].map(longerPause)).toEqual([20, 30, 150, 2_000]);
});

test("pauses are forgotten once writers no longer meet", () => {
  let pauseMs = 2_000;
  for (let records = 0; records < 20; records++) pauseMs = shorterPause(pauseMs);
  expect(pauseMs).toBe(0);
});
