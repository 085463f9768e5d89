import { expect, test } from "bun:test";
import { networkNumbers } from "./network.ts";

test("networkNumbers() finds the networks that addresses and routes use", () => {
  const text = `3: gck8s-a    inet 10.199.0.1/30 scope global gck8s-a
10.199.17.0/30 dev gck8s-b proto kernel scope link src 10.199.17.1
default via 192.0.2.1 dev eth0
110.199.3.1 dev x`;
  expect(networkNumbers(text)).toEqual([0, 17, 17]);
});
