import { expect, test } from "bun:test";
import { environmentProxy, forgetProxyVariables } from "./proxy.ts";

const proxy = "http://proxy:3128/";

/** [server, NO_PROXY, whether the proxy is used]; the table compared with kubectl has the IPv4 addresses and names. */
const cases: [string, string, boolean][] = [
  ["https://[fd00::1]:6443", "", true],
  ["https://[fd00::1]:6443", "fd00::/8", false],
  ["https://[fd00::1]:6443", "fd01::/16", true],
  ["https://[fd00::1]:6443", "fd00::1", false],
  ["https://[fd00::1]:6443", "fd00:0:0::0001", false],
  ["https://[fd00::1]:6443", "[fd00::1]:6443", false],
  ["https://[fd00::1]:6443", "[fd00::1]:443", true],
  ["https://[fd00::1]:6443", "10.0.0.0/8", true],
  ["https://[::1]:6443", "", false],
  ["https://127.9.9.9", "", false],
  ["https://h", "h:443", false],
  ["https://h", "h:80", true],
];

for (const [server, excluded, isUsed] of cases) {
  test(`${server} with NO_PROXY=${excluded} ${isUsed ? "goes through" : "does not need"} the proxy`, () => {
    const env = { HTTPS_PROXY: proxy, NO_PROXY: excluded };
    expect(environmentProxy(server, env)).toBe(isUsed ? proxy : undefined);
  });
}

test("a proxy variable that is no URL does not count", () => {
  expect(environmentProxy("https://h", { HTTPS_PROXY: "http://a b" })).toBeUndefined();
});

test("the password of a proxy is in no error", () => {
  expect(() => environmentProxy("https://h", { HTTPS_PROXY: "socks5h://u:secret@p" })).toThrow(
    'Environment variable HTTPS_PROXY has the scheme "socks5h": only http and https proxies can be used',
  );
});

test("the proxy variables can be taken out of the process", () => {
  process.env["HTTPS_PROXY"] = proxy;
  process.env["no_proxy"] = "*";
  forgetProxyVariables();
  expect(process.env["HTTPS_PROXY"]).toBeUndefined();
  expect(process.env["no_proxy"]).toBeUndefined();
});
