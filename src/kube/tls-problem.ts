import { createPrivateKey, X509Certificate } from "node:crypto";
import type { TlsOptions } from "./connection.ts";

/**
 * Says what is wrong with a connection's own certificates, such as `client certificate that expired on 2026-01-01…`,
 * or undefined when they are fine. To be asked after a failed connection, and loaded only then: Bun reports unusable
 * PEM texts as `FailedToOpenSocket`, as if the server could not be reached.
 */
export function tlsProblem(tls: TlsOptions, now = Date.now()): string | undefined {
  const authority = tls.ca?.match(pemCertificate)?.map(parseCertificate) ?? [];
  if (authority.length > 0 && !authority[0]) return "certificate authority that is no X.509 certificate";
  if (authority.length > 0 && !authority.some((certificate) => isValid(certificate, now)))
    return "certificate authority of which no certificate is valid now";
  if (tls.cert === undefined || tls.key === undefined) return undefined;
  const certificate = parseCertificate(tls.cert.match(pemCertificate)?.[0] ?? "");
  if (!certificate) return "client certificate that is no X.509 certificate";
  const key = parseKey(tls.key);
  if (!key) return "client key that is no private key";
  if (!certificate.checkPrivateKey(key)) return "client certificate and client key that do not belong together";
  if (isValid(certificate, now)) return undefined;
  const { validFromDate, validToDate } = certificate;
  return validToDate.getTime() < now
    ? `client certificate that expired on ${validToDate.toISOString()}`
    : `client certificate that is valid only from ${validFromDate.toISOString()}`;
}

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

function isValid(certificate: X509Certificate | undefined, now: number): boolean {
  return !!certificate && certificate.validFromDate.getTime() <= now && now <= certificate.validToDate.getTime();
}

function parseCertificate(pem: string): X509Certificate | undefined {
  return orUndefined(() => new X509Certificate(pem));
}

function parseKey(pem: string): ReturnType<typeof createPrivateKey> | undefined {
  return orUndefined(() => createPrivateKey(pem));
}

// OpenSSL throws plain errors of many codes for a text that it cannot read; all of them mean the same here.
function orUndefined<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
