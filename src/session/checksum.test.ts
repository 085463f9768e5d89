import { expect, test } from "bun:test";
import { Checksum } from "./checksum.ts";

/** What the host's own `cksum` prints. */
function cksum(data: Uint8Array): string {
  return Bun.spawnSync(["cksum"], { stdin: data }).stdout.toString().trim();
}

test("POSIX's own figures", () => {
  // The CRC of no bytes, and the check value of CRC-32/CKSUM for "123456789" followed by its length.
  expect(new Checksum().digest()).toBe("4294967295 0");
  expect(new Checksum().update(Buffer.from("123456789")).digest()).toBe("930766865 9");
});

test.each([1, 2, 3, 4, 5, 255, 256, 257, 65_535, 65_536, 65_537, 3_000_001])(
  "%d bytes sum up as with cksum",
  (size) => {
    const data = new Uint8Array(size).map((_, index) => (index * 31 + (index >> 8)) % 256);
    expect(new Checksum().update(data).digest()).toBe(cksum(data));
  },
);

test("how a stream is cut does not matter", () => {
  const data = crypto.getRandomValues(new Uint8Array(10_007));
  const checksum = new Checksum();
  for (let start = 0; start < data.length; start += 613) checksum.update(data.subarray(start, start + 613));
  expect(checksum.digest()).toBe(cksum(data));
});

test("a byte that changed, came twice or is missing changes it", () => {
  const data = crypto.getRandomValues(new Uint8Array(1_000));
  const changed = data.with(500, (data[500] ?? 0) ^ 1);
  const twice = Buffer.concat([data, data.subarray(-1)]);
  const sums = [data, changed, twice, data.subarray(1)].map((bytes) => new Checksum().update(bytes).digest());
  expect(new Set(sums).size).toBe(4);
});
