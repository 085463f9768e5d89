import type { Row } from "./row.ts";

const certificate = { "client-certificate": "pki/client.crt", "client-key": "pki/client.key" };

/** How a user is known to the server without a plugin. */
export const userRows: readonly Row[] = [
  { name: "client certificate files", config: { user: certificate }, expect: "answered" },
  {
    name: "client certificate data",
    config: {
      user: { "client-certificate-data": "{{base64 client.crt}}", "client-key-data": "{{base64 client.key}}" },
    },
    expect: "answered",
  },
  {
    name: "client certificate data with a key file",
    config: { user: { "client-certificate-data": "{{base64 client.crt}}", "client-key": "pki/client.key" } },
    expect: "answered",
  },
  {
    name: "client certificate and key in one file",
    config: { user: { "client-certificate": "pki/combined.pem", "client-key": "pki/combined.pem" } },
    expect: "answered",
  },
  {
    name: "client certificate with CRLF line ends",
    config: { user: { ...certificate, "client-certificate": "pki/client-crlf.crt" } },
    expect: "answered",
  },
  {
    name: "client key with EC parameters before it",
    config: { user: { "client-certificate": "pki/parameters.crt", "client-key": "pki/parameters.key" } },
    expect: "answered",
  },
  {
    name: "client key without a certificate is not used",
    config: { user: { token: "hush", "client-key": "pki/client.key" } },
    expect: "answered",
  },
  {
    name: "client certificate without a key",
    config: { user: { "client-certificate": "pki/client.crt" } },
    expect: "refused",
    says: /user "u" has a client certificate but no client-key or client-key-data/,
  },
  {
    name: "client certificate as a file and as data",
    config: { user: { ...certificate, "client-certificate-data": "{{base64 client.crt}}" } },
    expect: "refused",
    says: /has client-certificate and client-certificate-data/,
  },
  {
    name: "client key as a file and as data",
    config: { user: { ...certificate, "client-key-data": "{{base64 client.key}}" } },
    expect: "refused",
    says: /has client-key and client-key-data/,
  },
  {
    name: "missing client certificate file",
    config: { user: { ...certificate, "client-certificate": "absent.crt" } },
    expect: "refused",
    says: /user "u": client-certificate: cannot read "FOLDER\/absent.crt" \(ENOENT\)/,
  },
  {
    name: "client certificate that is none",
    config: { user: { ...certificate, "client-certificate": "pki/garbage.pem" } },
    expect: "refused",
    says: /client-certificate holds no PEM certificate/,
  },
  {
    name: "client key of another certificate",
    config: { user: { ...certificate, "client-key": "pki/other.key" } },
    expect: "refused",
  },
  {
    name: "client key with a passphrase",
    config: { user: { ...certificate, "client-key": "pki/encrypted.key" } },
    expect: "refused",
    says: /no unencrypted PEM private key/,
  },
  {
    name: "client key with a passphrase, traditional form",
    config: { user: { ...certificate, "client-key": "pki/encrypted-traditional.key" } },
    expect: "refused",
  },
  { name: "token", config: { user: { token: "hush-token" } }, expect: "answered" },
  { name: "token and client certificate", config: { user: { ...certificate, token: "hush" } }, expect: "answered" },
  {
    name: "token with a line break",
    config: { user: { token: "hush\n" } },
    expect: "refused",
    says: /user "u": token has a line break/,
  },
  {
    name: "token that is a number",
    config: { user: { token: 4711 } },
    expect: "refused",
    says: /user "u": token is not text/,
  },
  {
    name: "token file",
    config: { user: { tokenFile: "token" } },
    files: { token: " hush-file \n" },
    expect: "answered",
  },
  {
    name: "token file wins over token",
    config: { user: { token: "hush-token", tokenFile: "token" } },
    files: { token: "hush-file" },
    expect: "answered",
  },
  {
    name: "token where the token file is missing",
    config: { user: { token: "hush-token", tokenFile: "absent" } },
    expect: "answered",
  },
  {
    name: "missing token file",
    config: { user: { tokenFile: "absent" } },
    expect: "refused",
    says: /tokenFile: cannot read "FOLDER\/absent"/,
  },
  {
    name: "empty token file",
    config: { user: { tokenFile: "token" } },
    files: { token: "\n" },
    expect: "refused",
    says: /tokenFile: "FOLDER\/token" is empty/,
  },
  { name: "user name and password", config: { user: { username: "jö", password: "hush:1" } }, expect: "answered" },
  {
    name: "password without a user name",
    config: { user: { password: "hush" } },
    expect: "refused",
    says: /user "u" has no credentials/,
  },
  {
    name: "token and user name",
    config: { user: { token: "hush", username: "jo", password: "hush" } },
    expect: "refused",
    says: /user "u" has a token and a username or password/,
  },
  {
    name: "token file and user name",
    config: { user: { tokenFile: "token", username: "jo", password: "hush" } },
    files: { token: "hush" },
    expect: "refused",
  },
  { name: "impersonated user", config: { user: { token: "hush", as: "jane" } }, expect: "answered" },
  { name: "impersonated user beyond ASCII", config: { user: { token: "hush", as: "jörg €" } }, expect: "answered" },
  {
    name: "impersonated user with uid, group and extra",
    config: {
      user: {
        token: "hush",
        as: "jane",
        "as-uid": "7",
        "as-groups": ["system:masters"],
        "as-user-extra": { "Scopes.io/a(b) c%": ["view"], ä: ["1"] },
      },
    },
    expect: "answered",
  },
  {
    name: "impersonated user with two groups",
    config: { user: { token: "hush", as: "jane", "as-groups": ["a", "b"] } },
    expect: "answered",
    differs: "fetch joins two headers of a name into one, which the API server reads as one group; an error is better",
    says: /as-groups has more than one value/,
  },
  {
    name: "impersonated group without a user",
    config: { user: { token: "hush", "as-groups": ["a"] } },
    expect: "refused",
    says: /without as: set as/,
  },
  {
    name: "context without a user",
    config: { context: { user: "" } },
    expect: "refused",
    says: /Cannot use context "x" of kubeconfig "config": it names no user/,
  },
  {
    name: "context without a user and a plain HTTP server",
    config: { cluster: { server: "http://127.0.0.1:{{http}}" }, context: { user: "" } },
    expect: "answered",
  },
  {
    name: "user without credentials",
    config: { user: {} },
    expect: "refused",
    says: /user "u" has no credentials: set a client certificate, a token or an exec plugin/,
  },
  {
    name: "user who only impersonates",
    config: { user: { as: "jane" } },
    expect: "refused",
    says: /user "u" has no credentials/,
  },
  {
    name: "context whose user is missing",
    config: { user: null },
    expect: "refused",
    says: /Cannot use context "x": kubeconfig "config" has no user "u"/,
  },
  {
    name: "context whose user is missing and a plain HTTP server",
    config: { cluster: { server: "http://127.0.0.1:{{http}}" }, user: null },
    expect: "answered",
    differs: "a user that is named but missing is a mistake, also where kubectl would send no credentials anyway",
    says: /has no user "u"/,
  },
  {
    name: "removed auth-provider",
    config: { user: { "auth-provider": { name: "gcp", config: { "access-token": "hush" } } } },
    expect: "refused",
    says: /has an auth-provider, which Kubernetes replaced: use an exec plugin/,
  },
  {
    name: "auth-provider oidc",
    config: {
      user: {
        "auth-provider": {
          name: "oidc",
          // A JSON Web Token that expires in the year 2100.
          config: {
            "id-token": `e30.${btoa('{"exp":4102444800}')}.hush`,
            "client-id": "i",
            "idp-issuer-url": "https://i",
          },
        },
      },
    },
    expect: "answered",
    differs: "the last auth-provider, deprecated for exec plugins; refreshing its tokens would rewrite the kubeconfig",
    says: /has an auth-provider/,
  },
];
