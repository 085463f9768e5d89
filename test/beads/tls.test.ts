import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestPlace, testPlace } from "./test-city.ts";

let place: TestPlace;
const scratch = mkdtempSync(join(tmpdir(), "gc-k8s-tls-"));

beforeAll(async () => {
  place = await testPlace();
}, 180_000);
afterAll(() => {
  rmSync(scratch, { recursive: true });
  place?.remove();
}, 60_000);

/** Environment of a city that insists on TLS; `access` = its Secret. */
const insisting = (access: string) => ({ GC_K8S_DOLT_TLS: "true", GC_K8S_DOLT_ACCESS: access });

test("a connection that is to be encrypted is, and verified, or it is not made", async () => {
  const call = (city: string, access: string) =>
    place.provider({ city, prefix: "tl" })({ op: "init", args: ["/city", "tl", city], env: insisting(access) });
  // The server offers none.
  const refused = await call("none", "dolt");
  expect([refused.exit, /tls/i.test(refused.stderr)]).toEqual([1, true]);

  const [key, cert] = [join(scratch, "tls.key"), join(scratch, "tls.crt")];
  const subject = ["-subj", "/CN=dolt", "-addext", `subjectAltName=DNS:${place.dolt.host}`];
  const made = Bun.spawnSync([
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    key,
    "-out",
    cert,
    ...subject,
  ]);
  expect(made.exitCode).toBe(0);
  place.kubectl("create", "secret", "tls", "dolt-tls", `--key=${key}`, `--cert=${cert}`);
  const password = `--from-literal=password=${place.dolt.password}`;
  place.kubectl("create", "secret", "generic", "trusting", password, `--from-file=ca.crt=${cert}`);
  await place.dolt.kill();
  await place.dolt.waitUntilReady();

  // Nobody vouches for the server's certificate.
  const unknown = await call("unknown", "dolt");
  expect([unknown.exit, /certificate/i.test(unknown.stderr)]).toEqual([1, true]);
  expect(await call("trusting", "trusting")).toMatchObject({ exit: 0, stderr: "" });
}, 300_000);
