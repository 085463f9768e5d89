import { expect, test } from "bun:test";
import { type Patience, withPatience } from "./patience.ts";

const forever = ({ signal }: Patience) =>
  new Promise<string>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

test("a wait that ends in time has its own outcome", async () => {
  const { signal } = new AbortController();
  expect(
    await withPatience(
      signal,
      1_000,
      async () => "done",
      () => "over",
    ),
  ).toBe("done");
  await expect(
    withPatience(
      signal,
      1_000,
      () => Promise.reject(new Error("broke")),
      () => "over",
    ),
  ).rejects.toThrow("broke");
});

test("one that does not is over after its time", async () => {
  expect(await withPatience(new AbortController().signal, 20, forever, () => "over")).toBe("over");
});

test("the operation's own end is never taken for impatience", async () => {
  const reason = new Error("deadline");
  const outer = AbortSignal.abort(reason);
  const wait = async ({ signal }: Patience) => signal.throwIfAborted();
  await expect(withPatience(outer, 20, wait, () => undefined)).rejects.toBe(reason);
});

test("a wait may change its time, or lift it", async () => {
  const { signal } = new AbortController();
  const lifted = async ({ limit }: Patience) => {
    limit(undefined);
    await Bun.sleep(60);
    return "done";
  };
  expect(await withPatience(signal, 20, lifted, () => "over")).toBe("done");
  const shortened = (patience: Patience) => {
    patience.limit(20);
    return forever(patience);
  };
  expect(await withPatience(signal, undefined, shortened, () => "over")).toBe("over");
});
