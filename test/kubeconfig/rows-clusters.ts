import type { Row } from "./row.ts";

/** Where the server is and how it is trusted. */
export const clusterRows: readonly Row[] = [
  { name: "certificate authority as a file", config: {}, expect: "answered" },
  {
    name: "certificate authority as data",
    config: { cluster: { "certificate-authority": "", "certificate-authority-data": "{{base64 ca.crt}}" } },
    expect: "answered",
  },
  {
    name: "certificate authority as a file and as data",
    config: { cluster: { "certificate-authority-data": "{{base64 ca.crt}}" } },
    expect: "refused",
    says: /cluster "c" has certificate-authority and certificate-authority-data: remove one of them/,
  },
  {
    name: "two certificate authorities in a file",
    config: { cluster: { "certificate-authority": "pki/bundle.crt" } },
    expect: "answered",
  },
  {
    name: "another certificate authority",
    config: { cluster: { "certificate-authority": "pki/other-ca.crt" } },
    expect: "refused",
  },
  {
    name: "another certificate authority and NODE_TLS_REJECT_UNAUTHORIZED=0",
    config: { cluster: { "certificate-authority": "pki/other-ca.crt" } },
    env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" },
    expect: "refused",
  },
  {
    name: "missing certificate authority file",
    config: { cluster: { "certificate-authority": "absent.crt" } },
    expect: "refused",
    says: /Kubeconfig "config": cluster "c": certificate-authority: cannot read "FOLDER\/absent.crt" \(ENOENT\)/,
  },
  {
    name: "certificate authority that is none",
    config: { cluster: { "certificate-authority": "pki/garbage.pem" } },
    expect: "refused",
    says: /holds no PEM certificate/,
  },
  {
    name: "certificate authority data that is no base64",
    config: { cluster: { "certificate-authority": "", "certificate-authority-data": "hush!" } },
    expect: "refused",
    says: /cluster "c": certificate-authority-data is not base64/,
  },
  {
    name: "empty certificate authority file",
    config: { cluster: { "certificate-authority": "pki/empty.pem" } },
    expect: "refused",
  },
  { name: "the system's authorities", config: { cluster: { "certificate-authority": "" } }, expect: "refused" },
  {
    name: "SSL_CERT_FILE names the system's authorities",
    config: { cluster: { "certificate-authority": "" } },
    env: { SSL_CERT_FILE: "pki/ca.crt" },
    expect: "answered",
  },
  {
    name: "SSL_CERT_FILE does not add to a certificate authority",
    config: { cluster: { "certificate-authority": "pki/other-ca.crt" } },
    env: { SSL_CERT_FILE: "pki/ca.crt", NODE_EXTRA_CA_CERTS: "pki/ca.crt" },
    expect: "refused",
  },
  {
    name: "server that is not verified",
    config: { cluster: { "certificate-authority": "", "insecure-skip-tls-verify": true } },
    expect: "answered",
  },
  {
    name: "server that is not verified, with a certificate authority",
    config: { cluster: { "insecure-skip-tls-verify": true } },
    expect: "refused",
    says: /has insecure-skip-tls-verify and a certificate authority/,
  },
  { name: "other name of the server", config: { cluster: { "tls-server-name": "api.test" } }, expect: "answered" },
  { name: "wrong name of the server", config: { cluster: { "tls-server-name": "wrong.test" } }, expect: "refused" },
  { name: "server by name", config: { cluster: { server: "https://localhost:{{https}}" } }, expect: "answered" },
  { name: "server with a path", config: { cluster: { server: "{{server}}/k8s//clusters/c-1/" } }, expect: "answered" },
  { name: "server with a query", config: { cluster: { server: "{{server}}/p?q=1#f" } }, expect: "answered" },
  { name: "server in capitals", config: { cluster: { server: "HTTPS://LOCALHOST:{{https}}/" } }, expect: "answered" },
  {
    name: "server with user and password in it",
    config: { cluster: { server: "https://jo:hush%20x@127.0.0.1:{{https}}" } },
    expect: "answered",
  },
  {
    name: "server with a password that is not percent-encoded",
    config: { cluster: { server: "https://jo:hush%zz@127.0.0.1:{{https}}" } },
    expect: "refused",
    says: /cluster "c": the user information in server is not percent-encoded/,
  },
  {
    name: "server without scheme is plain HTTP and gets no token",
    config: { cluster: { server: "127.0.0.1:{{http}}" } },
    expect: "answered",
  },
  {
    name: "server without scheme but with a path",
    config: { cluster: { server: "127.0.0.1:{{http}}/p" } },
    expect: "refused",
    says: /server has a path but no scheme/,
  },
  {
    name: "plain HTTP server gets no credentials but impersonation",
    config: { cluster: { server: "http://127.0.0.1:{{http}}" }, user: { token: "hush", as: "jane" } },
    expect: "answered",
  },
  {
    name: "server with another scheme",
    config: { cluster: { server: "ftp://127.0.0.1" } },
    expect: "refused",
    says: /server has the scheme "ftp"/,
  },
  {
    name: "server that is no URL",
    config: { cluster: { server: "https://a b" } },
    expect: "refused",
    says: /cluster "c": server is not a URL/,
  },
  {
    name: "cluster without a server",
    config: { cluster: { server: "" } },
    expect: "refused",
    says: /cluster "c" has no server: set its URL/,
  },
  { name: "namespace of the context", config: { context: { namespace: "team" } }, expect: "answered" },
  {
    name: "namespace that is a number",
    config: { context: { namespace: 7 } },
    expect: "refused",
    says: /context "x": namespace is not text/,
  },
  { name: "compression switched off", config: { cluster: { "disable-compression": true } }, expect: "answered" },
];
