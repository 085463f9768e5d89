import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pluginCredentials } from "./credential-plugin.ts";
import type { PluginSpec } from "./plugin-spec.ts";

const apiVersion = "client.authentication.k8s.io/v1";
const signal = new AbortController().signal;
let folder: string;
let spec: PluginSpec;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "credential-plugin-"));
  const command = join(folder, "plugin");
  spec = {
    where: "W",
    command,
    args: [],
    env: {},
    apiVersion,
    installHint: undefined,
    cluster: undefined,
    server: "s",
  };
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A plugin whose token counts its runs, with an expiry so many seconds from now. */
function makePlugin(expirySeconds?: number): void {
  const expiry = expirySeconds === undefined ? undefined : new Date(Date.now() + expirySeconds * 1000).toISOString();
  const text = JSON.stringify({
    kind: "ExecCredential",
    apiVersion,
    status: { token: "run-N", expirationTimestamp: expiry },
  });
  writeFileSync(
    spec.command,
    `#!/bin/sh\necho x >>${folder}/runs\nsleep 0.05\necho '${text}' | sed "s/N/$(wc -l <${folder}/runs | tr -d ' ')/"\n`,
    { mode: 0o700 },
  );
}

async function token(env: Record<string, string> = {}, refresh = false): Promise<string | undefined> {
  const seen = { PATH: process.env["PATH"], XDG_CACHE_HOME: join(folder, "cache"), ...env };
  return (await pluginCredentials(spec, seen)({ refresh, signal })).token;
}

function cacheFiles(): string[] {
  const cache = join(folder, "cache/gc-k8s/credentials");
  return readdirSync(cache).map((name) => join(cache, name));
}

test("a credential with an expiry is kept for other processes, readable to the user only", async () => {
  makePlugin(3600);
  expect(await token()).toBe("run-1");
  expect(await token({ PWD: "/elsewhere", TERM: "dumb" })).toBe("run-1");
  const [file = ""] = cacheFiles();
  expect(cacheFiles()).toHaveLength(1);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(file, "..")).mode & 0o777).toBe(0o700);
});

test("a credential that was refused is replaced, also for other processes", async () => {
  makePlugin(3600);
  expect(await token()).toBe("run-1");
  expect(await token({}, true)).toBe("run-2");
  expect(await token()).toBe("run-2");
});

test("another identity has another credential", async () => {
  makePlugin(3600);
  expect(await token({ AWS_PROFILE: "a" })).toBe("run-1");
  expect(await token({ AWS_PROFILE: "b" })).toBe("run-2");
  spec = { ...spec, args: ["--other"] };
  expect(await token({ AWS_PROFILE: "a" })).toBe("run-3");
  spec = { ...spec, server: "other" };
  expect(await token({ AWS_PROFILE: "a" })).toBe("run-4");
});

for (const expiry of [undefined, 30, -5]) {
  test(`a credential that expires in ${expiry} s is not kept on disk`, async () => {
    makePlugin(expiry);
    expect(await token()).toBe("run-1");
    expect(await token()).toBe("run-2");
  });
}

test("one process asks once until the credential expires, also for calls at the same time", async () => {
  makePlugin();
  const credentials = pluginCredentials(spec, { PATH: process.env["PATH"] });
  const all = await Promise.all([1, 2, 3].map(() => credentials({ refresh: false, signal })));
  expect(all.map((status) => status.token)).toEqual(["run-1", "run-1", "run-1"]);
  expect((await credentials({ refresh: false, signal })).token).toBe("run-1");
  expect((await credentials({ refresh: true, signal })).token).toBe("run-2");
});

test("a kept file is not trusted when others can read it, when it is a link, or when it is cut short", async () => {
  makePlugin(3600);
  await token();
  const [file = ""] = cacheFiles();
  chmodSync(file, 0o640);
  expect(await token()).toBe("run-2");
  const text = readFileSync(file, "utf8");
  rmSync(file);
  writeFileSync(join(folder, "elsewhere"), text, { mode: 0o600 });
  symlinkSync(join(folder, "elsewhere"), file);
  expect(await token()).toBe("run-3");
  writeFileSync(file, text.slice(0, 50), { mode: 0o600 });
  expect(await token()).toBe("run-4");
});

test("a cache that cannot be written is no error", async () => {
  makePlugin(3600);
  expect(await token({ XDG_CACHE_HOME: "/dev/null/cache" })).toBe("run-1");
  expect(await token({ XDG_CACHE_HOME: "relative" })).toBe("run-2");
});
