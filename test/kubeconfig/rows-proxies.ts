import type { Row } from "./row.ts";

const proxy = "http://127.0.0.1:{{proxy}}";
// A name that only the proxies resolve, and an address that is no loopback address but reaches this machine.
const named = { cluster: { server: "https://api.test:{{https}}" } };
const unspecified = { cluster: { server: "https://0.0.0.0:{{https}}" } };

/** What stands between client and server. */
export const proxyRows: readonly Row[] = [
  { name: "proxy-url", config: { cluster: { "proxy-url": proxy } }, expect: "answered" },
  {
    name: "proxy-url with user and password",
    config: { cluster: { "proxy-url": "http://j%40o:hush%2F1@127.0.0.1:{{proxy}}/" } },
    expect: "answered",
  },
  {
    name: "proxy-url over HTTPS",
    config: { cluster: { "proxy-url": "https://localhost:{{secureProxy}}" } },
    expect: "answered",
  },
  {
    name: "proxy-url is not touched by NO_PROXY",
    config: { cluster: { "proxy-url": proxy } },
    env: { NO_PROXY: "*", no_proxy: "127.0.0.1" },
    expect: "answered",
  },
  {
    name: "proxy-url wins over HTTPS_PROXY",
    config: { cluster: { ...named.cluster, "proxy-url": proxy } },
    env: { HTTPS_PROXY: "http://127.0.0.1:1" },
    expect: "answered",
  },
  {
    name: "proxy-url and tls-server-name",
    config: { cluster: { "proxy-url": proxy, "tls-server-name": "api.test" } },
    expect: "answered",
  },
  {
    name: "proxy-url where nobody listens",
    config: { cluster: { "proxy-url": "http://jo:hush@127.0.0.1:1" } },
    expect: "refused",
  },
  {
    name: "proxy-url of SOCKS",
    config: { cluster: { "proxy-url": "socks5://jo:hush@127.0.0.1:1" } },
    expect: "refused",
    says: /cluster "c": proxy-url has the scheme "socks5": only http and https proxies can be used/,
  },
  {
    name: "proxy-url of another scheme",
    config: { cluster: { "proxy-url": "ftp://127.0.0.1:{{proxy}}" } },
    expect: "refused",
    says: /proxy-url has the scheme "ftp"/,
  },
  {
    name: "proxy-url without scheme",
    config: { cluster: { "proxy-url": "localhost:{{proxy}}" } },
    expect: "refused",
    says: /proxy-url has the scheme "localhost"/,
  },
  { name: "HTTPS_PROXY", config: named, env: { HTTPS_PROXY: proxy }, expect: "answered" },
  { name: "https_proxy", config: named, env: { https_proxy: proxy }, expect: "answered" },
  {
    name: "HTTPS_PROXY wins over https_proxy",
    config: named,
    env: { HTTPS_PROXY: proxy, https_proxy: "http://127.0.0.1:1" },
    expect: "answered",
  },
  {
    name: "HTTPS_PROXY without scheme",
    config: named,
    env: { HTTPS_PROXY: "127.0.0.1:{{proxy}}" },
    expect: "answered",
  },
  {
    name: "HTTPS_PROXY of SOCKS",
    config: named,
    env: { HTTPS_PROXY: "socks5://jo:hush@127.0.0.1:1" },
    expect: "refused",
    says: /Environment variable HTTPS_PROXY has the scheme "socks5"/,
  },
  { name: "HTTPS_PROXY and an address of this machine", env: { HTTPS_PROXY: proxy }, expect: "answered" },
  {
    name: "HTTPS_PROXY and localhost",
    config: { cluster: { server: "https://localhost:{{https}}" } },
    env: { HTTPS_PROXY: proxy },
    expect: "answered",
  },
  {
    name: "HTTP_PROXY is not for an HTTPS server",
    config: unspecified,
    env: { HTTP_PROXY: proxy },
    expect: "answered",
  },
  {
    name: "ALL_PROXY does not count",
    config: unspecified,
    env: { ALL_PROXY: proxy, all_proxy: proxy },
    expect: "answered",
  },
  {
    name: "HTTP_PROXY for a plain HTTP server",
    config: { cluster: { server: "http://api.test:{{http}}" } },
    env: { HTTP_PROXY: proxy },
    expect: "answered",
  },
  ...[
    "0.0.0.0",
    "0.0.0.0:{{https}}",
    "0.0.0.0:1",
    "0.0.0.0/8",
    "10.0.0.0/8, 0.0.0.0/32",
    "10.0.0.0/8",
    "0.0.0.0/99",
    "::/0",
    "*",
    "0.0.0",
    ".0.0",
    "",
  ].map(
    (excluded): Row => ({
      name: `NO_PROXY=${excluded} and an address`,
      config: unspecified,
      env: { HTTPS_PROXY: proxy, NO_PROXY: excluded },
      expect: "answered",
    }),
  ),
  // Without the proxy this name does not resolve.
  ...["api.test", "test", ".test", "*.test", "API.TEST", "x, api.test:{{https}}", "*"].map(
    (excluded): Row => ({
      name: `NO_PROXY=${excluded} excludes a name`,
      config: named,
      env: { HTTPS_PROXY: proxy, no_proxy: excluded },
      expect: "refused",
    }),
  ),
  ...["pi.test", ".api.test", "*.api.test", "api.test:1", "www.api.test", "*.*", "0.0.0.0/0", ","].map(
    (excluded): Row => ({
      name: `NO_PROXY=${excluded} does not exclude a name`,
      config: named,
      env: { HTTPS_PROXY: proxy, NO_PROXY: excluded },
      expect: "answered",
    }),
  ),
];
