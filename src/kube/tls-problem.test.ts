import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tlsProblem } from "./tls-problem.ts";

/** A self-signed certificate that is valid for ten days, and its key. */
function makePair(): { cert: string; key: string } {
  const folder = mkdtempSync(join(tmpdir(), "tls-problem-"));
  try {
    const options = "-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 10 -subj /CN=x";
    const files = ["-keyout", join(folder, "key"), "-out", join(folder, "cert")];
    Bun.spawnSync(["openssl", "req", ...options.split(" "), ...files]);
    return { cert: readFileSync(join(folder, "cert"), "utf8"), key: readFileSync(join(folder, "key"), "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const pair = makePair();
const block = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const dayMs = 86_400_000;

test("a pair that is valid has no problem", () => {
  expect(tlsProblem({ ...pair, ca: pair.cert + pair.cert })).toBeUndefined();
  expect(tlsProblem({})).toBeUndefined();
});

test("an unusable client certificate or key is named", () => {
  expect(tlsProblem({ cert: block, key: pair.key })).toMatch(/certificate that is no X.509 certificate/);
  expect(tlsProblem({ cert: pair.cert, key: "no key" })).toMatch(/key that is no private key/);
  expect(tlsProblem({ cert: pair.cert, key: makePair().key })).toMatch(/do not belong together/);
});

test("a client certificate out of its time is named with the time", () => {
  expect(tlsProblem(pair, Date.now() + 11 * dayMs)).toMatch(/expired on \d{4}-\d\d-\d\dT/);
  expect(tlsProblem(pair, Date.now() - dayMs)).toMatch(/valid only from \d{4}-/);
});

test("an unusable certificate authority is named", () => {
  expect(tlsProblem({ ca: block })).toMatch(/authority that is no X.509 certificate/);
  expect(tlsProblem({ ca: pair.cert }, Date.now() + 11 * dayMs)).toMatch(/no certificate is valid now/);
});
