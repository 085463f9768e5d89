import type { Row } from "./row.ts";

const v1 = "client.authentication.k8s.io/v1";
const v1beta1 = "client.authentication.k8s.io/v1beta1";
const usual = { apiVersion: v1, command: "./plugin.sh", interactiveMode: "Never" };

/** A plugin that prints the text, which may hold shell variables and commands. */
function printing(text: string): Record<string, string> {
  return { "plugin.sh": `#!/bin/sh\ncat <<END\n${text}\nEND\n` };
}

function credential(status: string, apiVersion = v1): string {
  return `{"kind":"ExecCredential","apiVersion":"${apiVersion}","status":${status}}`;
}

const token = credential('{"token":"hush-plugin"}');
const info = credential(`{"token":"info.$(printf %s "$KUBERNETES_EXEC_INFO" | base64 | tr -d '\\n')"}`);
const pair = '"clientCertificateData":"$CERTIFICATE","clientKeyData":"$KEY"';
const pairVariables = `CERTIFICATE=$(awk '{printf "%s\\\\n", $0}' pki/client.crt); KEY=$(awk '{printf "%s\\\\n", $0}' pki/client.key)`;

function printingPair(status: string): Record<string, string> {
  return { "plugin.sh": `#!/bin/sh\n${pairVariables}\ncat <<END\n${credential(status)}\nEND\n` };
}

/** Exec credential plugins. */
export const pluginRows: readonly Row[] = [
  { name: "plugin that gives a token", config: { user: { exec: usual } }, files: printing(token), expect: "answered" },
  {
    name: "plugin that gives a client certificate",
    config: { user: { exec: usual } },
    files: printingPair(`{${pair}}`),
    expect: "answered",
  },
  {
    name: "plugin that gives a token and a client certificate",
    config: { user: { exec: usual } },
    files: printingPair(`{"token":"hush",${pair}}`),
    expect: "answered",
  },
  {
    name: "plugin that gives a client certificate without its key",
    config: { user: { exec: usual } },
    files: printingPair('{"token":"hush","clientCertificateData":"$CERTIFICATE"}'),
    expect: "refused",
    says: /gave only one of clientCertificateData and clientKeyData/,
  },
  {
    name: "plugin that gives a client certificate that is none",
    config: { user: { exec: usual } },
    files: printing(credential('{"clientCertificateData":"hush","clientKeyData":"hush"}')),
    expect: "refused",
    says: /gave a client certificate that is no X.509 certificate/,
  },
  {
    name: "plugin of v1beta1, where interactiveMode may be absent",
    config: { user: { exec: { apiVersion: v1beta1, command: "./plugin.sh" } } },
    files: printing(credential('{"token":"hush"}', v1beta1)),
    expect: "answered",
  },
  {
    name: "plugin of v1 without interactiveMode",
    config: { user: { exec: { apiVersion: v1, command: "./plugin.sh" } } },
    files: printing(token),
    expect: "refused",
    says: /interactiveMode is "": set Never, IfAvailable or Always/,
  },
  {
    name: "plugin of v1alpha1",
    config: { user: { exec: { ...usual, apiVersion: "client.authentication.k8s.io/v1alpha1" } } },
    files: printing(token),
    expect: "refused",
    says: /has apiVersion "client.authentication.k8s.io\/v1alpha1"/,
  },
  {
    name: "plugin that answers with another version",
    config: { user: { exec: usual } },
    files: printing(credential('{"token":"hush"}', v1beta1)),
    expect: "refused",
    says: /another apiVersion/,
  },
  {
    name: "plugin that must be interactive",
    config: { user: { exec: { ...usual, interactiveMode: "Always" } } },
    files: printing(token),
    expect: "refused",
    says: /interactiveMode is Always, but there is no terminal here/,
  },
  {
    name: "plugin that may be interactive is told that it is not",
    config: { user: { exec: { ...usual, interactiveMode: "IfAvailable" } } },
    files: printing(info),
    expect: "answered",
  },
  {
    name: "plugin that is told of the cluster",
    config: {
      cluster: {
        "tls-server-name": "api.test",
        "disable-compression": true,
        "proxy-url": "http://127.0.0.1:{{proxy}}",
        extensions: [{ name: "client.authentication.k8s.io/exec", extension: { audience: "a", list: [1, null] } }],
      },
      user: { exec: { ...usual, provideClusterInfo: true } },
    },
    files: printing(info),
    expect: "answered",
  },
  {
    name: "plugin that is told of a cluster without certificates",
    config: {
      cluster: { "certificate-authority": "", "insecure-skip-tls-verify": true },
      user: { exec: { ...usual, provideClusterInfo: true } },
    },
    files: printing(info),
    expect: "answered",
  },
  {
    name: "plugin with arguments and environment",
    config: { user: { exec: { ...usual, args: ["a b", "$c"], env: [{ name: "HUSH", value: "x y" }] } } },
    files: { "plugin.sh": `#!/bin/sh\necho '${credential('{"token":"\'"$1-$2-$HUSH-$HOME_LIKE"\'"}')}'\n` },
    env: { HOME_LIKE: "inherited" },
    expect: "answered",
  },
  ...["answered", "refused"].map(
    (expect): Row => ({
      name: `plugin in ${expect === "answered" ? "an absolute" : "a relative"} folder of PATH`,
      config: { user: { exec: { ...usual, command: "plugin.sh" } } },
      files: { "bin/plugin.sh": printing(token)["plugin.sh"] ?? "" },
      env: { PATH: `${expect === "answered" ? "{{folder}}/" : ""}bin:${process.env["PATH"]}` },
      expect: expect === "answered" ? "answered" : "refused",
    }),
  ),
  {
    name: "plugin beside a kubeconfig in another folder",
    files: {
      "other/config": JSON.stringify({
        "current-context": "x",
        contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
        clusters: [{ name: "c", cluster: { server: "{{server}}", "certificate-authority": "../pki/ca.crt" } }],
        users: [{ name: "u", user: { exec: { ...usual, command: "bin/plugin.sh" } } }],
      }),
      "other/bin/plugin.sh": printing(token)["plugin.sh"] ?? "",
    },
    env: { KUBECONFIG: "other/config" },
    expect: "answered",
  },
  {
    name: "plugin that is not installed",
    config: { user: { exec: { ...usual, command: "absent-plugin", installHint: "brew\ninstall it" } } },
    expect: "refused",
    says: /user "u": plugin "absent-plugin" is not installed: brew install it/,
  },
  {
    name: "plugin that fails",
    config: { user: { exec: { ...usual, env: [{ name: "PIN", value: "hush-pin" }] } } },
    files: { "plugin.sh": '#!/bin/sh\necho first >&2\necho "no entry for $PIN" >&2\nexit 3\n' },
    expect: "refused",
    says: /plugin "\.\/plugin.sh" failed with exit code 3: no entry for …/,
  },
  {
    name: "plugin that prints no credential",
    config: { user: { exec: usual } },
    files: printing("hush: ["),
    expect: "refused",
    says: /printed neither JSON nor YAML/,
  },
  {
    name: "plugin that prints nothing",
    config: { user: { exec: usual } },
    files: printing(""),
    expect: "refused",
    says: /did not print an ExecCredential/,
  },
  {
    name: "plugin that prints YAML",
    config: { user: { exec: usual } },
    files: printing(`kind: ExecCredential\napiVersion: ${v1}\nstatus:\n  token: hush`),
    expect: "answered",
  },
  {
    name: "plugin without a status",
    config: { user: { exec: usual } },
    files: printing(`{"kind":"ExecCredential","apiVersion":"${v1}"}`),
    expect: "refused",
    says: /without a status/,
  },
  {
    name: "plugin with an empty status",
    config: { user: { exec: usual } },
    files: printing(credential("{}")),
    expect: "refused",
    says: /neither a token nor a client certificate/,
  },
  {
    name: "plugin whose credential has expired already",
    config: { user: { exec: usual } },
    files: printing(credential('{"token":"hush","expirationTimestamp":"2020-01-01T00:00:00Z"}')),
    expect: "answered",
  },
  {
    name: "plugin whose expiry is no time",
    config: { user: { exec: usual } },
    files: printing(credential('{"token":"hush","expirationTimestamp":"tomorrow"}')),
    expect: "refused",
    says: /expirationTimestamp is not an RFC 3339 time/,
  },
  {
    name: "token wins over the plugin",
    config: { user: { token: "hush", exec: { ...usual, interactiveMode: "Always" } } },
    files: printing(token),
    expect: "answered",
  },
  {
    name: "client certificate wins over the plugin",
    config: { user: { "client-certificate": "pki/client.crt", "client-key": "pki/client.key", exec: usual } },
    files: printing(token),
    expect: "answered",
  },
  {
    name: "plugin without a command",
    config: { user: { exec: { ...usual, command: "" } } },
    expect: "refused",
    says: /exec has no command/,
  },
];
