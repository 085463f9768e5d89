import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadKubeconfig, resolvePath } from "./kubeconfig.ts";
import { KubeconfigError } from "./kubeconfig-error.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, content: unknown): string {
  const file = join(folder, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

function user(name: string, fields: unknown): unknown {
  return { users: [{ name, user: fields }] };
}

test("the first file that has a name wins as a whole", () => {
  const a = write("a", { "current-context": "a", ...(user("u", { token: "1" }) as object) });
  const b = write("b", { "current-context": "b", ...(user("u", { as: "jane", token: "2" }) as object) });
  const c = write("c", user("v", {}));
  const config = loadKubeconfig(undefined, { KUBECONFIG: `${join(folder, "absent")}:${a}::${b}:${c}` });
  expect(config.currentContext).toBe("a");
  expect(config.users.get("u")).toEqual({ name: "u", file: a, value: { token: "1" } });
  expect(config.users.get("v")?.file).toBe(c);
});

test("a file given explicitly is the only one", () => {
  const a = write("a", { "current-context": "a" });
  const b = write("b", { "current-context": "b" });
  expect(loadKubeconfig(b, { KUBECONFIG: a })).toMatchObject({ files: [b], currentContext: "b" });
  expect(() => loadKubeconfig(join(folder, "absent"), { KUBECONFIG: a })).toThrow(/Cannot read kubeconfig ".*absent"/);
});

test("without KUBECONFIG the file in the home is read, and may be missing", () => {
  expect(loadKubeconfig(undefined, { HOME: folder })).toMatchObject({ currentContext: undefined });
  write(".kube/config", { "current-context": "home" });
  expect(loadKubeconfig(undefined, { HOME: folder, KUBECONFIG: "" }).currentContext).toBe("home");
});

test("relative paths start at the folder of their file", () => {
  const file = write("sub/config", user("u", { tokenFile: "../token" }));
  const entry = loadKubeconfig(file, {}).users.get("u");
  expect(entry && resolvePath(entry, "../token")).toBe(join(folder, "token"));
  expect(entry && resolvePath(entry, "/token")).toBe("/token");
});

test("empty values are left out, data is decoded, unknown fields are ignored", () => {
  const fields = { token: "", "as-groups": [], username: null, more: 1, "client-key-data": btoa("key") };
  const file = write("config", user("u", fields));
  expect(loadKubeconfig(file, {}).users.get("u")?.value).toEqual({ "client-key-data": "key" });
});

const broken: Record<string, unknown> = {
  "token is not text \\(quote it\\)$": user("u", { token: ["secret"] }),
  "client-key-data is not base64$": user("u", { "client-key-data": "secret" }),
  "as-user-extra: k is not a list$": user("u", { "as-user-extra": { k: "secret" } }),
  "exec: env is not a list of mappings$": user("u", { exec: { env: ["secret"] } }),
  'users names "u" twice': { users: [{ name: "u" }, { name: "u" }] },
  "users is not a list of mappings$": { users: ["secret"] },
  "current-context is not text": { "current-context": 7 },
  "is not valid YAML": "token: [secret",
  "is not a mapping": "secret",
  "is not of apiVersion v1 and kind Config": { apiVersion: "v2" },
};

for (const [message, content] of Object.entries(broken)) {
  test(`a file is refused without quoting it: ${message}`, () => {
    const file = write("config", content);
    const error = thrownBy(() => loadKubeconfig(file, {}));
    expect(error).toBeInstanceOf(KubeconfigError);
    expect(error.message).toMatch(new RegExp(message));
    expect(error.message).toContain(`"${file}"`);
    expect(error.message).not.toContain("secret");
  });
}

function thrownBy(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was thrown");
}
