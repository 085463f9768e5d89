import { expect, test } from "bun:test";
import { parseServerUrl } from "./server-url.ts";

const bases: Record<string, string> = {
  "https://h": "https://h",
  "https://h:6443/": "https://h:6443",
  "https://h/a//b/?q#f": "https://h/a/b",
  "https://[::1]:6443": "https://[::1]:6443",
  "h:8080": "http://h:8080",
  "10.0.0.1:8080": "http://10.0.0.1:8080",
  h: "http://h",
};

for (const [server, base] of Object.entries(bases)) {
  test(`server ${server} is at ${base}`, () => {
    expect(parseServerUrl(server, "W")).toEqual({ base, userInfo: undefined });
  });
}

test("user information is taken out of the base and decoded", () => {
  expect(parseServerUrl("https://j%40o:p%2Fw@h/x", "W")).toEqual({ base: "https://h/x", userInfo: "j@o:p/w" });
});

test("a server that cannot be one is refused without quoting it", () => {
  expect(() => parseServerUrl("ftp://h", "W")).toThrow('W: server has the scheme "ftp", which is not https or http');
  expect(() => parseServerUrl("h/path", "W")).toThrow("W: server has a path but no scheme: put https:// before it");
  expect(() => parseServerUrl("https://jo:secret%zz@h", "W")).toThrow(/^W: the user information in server is not/);
  expect(() => parseServerUrl("https://jo:secret@:", "W")).toThrow("W: server is not a URL");
});
