import { fileReferences, variableReferences } from "../json-checks.ts";
import { dnsName, dnsNames } from "../kubernetes-syntax.ts";
import { must, oneOf, orNone, wholeNumber } from "../setting-checks.ts";
import type { SettingRows } from "../setting-row.ts";

const largestId = wholeNumber(0, 2_147_483_647);

/** What an agent may do, and which secrets it gets: names of secrets, never their values. */
export const securityRows = {
  GC_K8S_SERVICE_ACCOUNT: {
    default: "",
    help: "Service account of agent pods; empty = the namespace's default. Its token is not mounted.",
    check: dnsName,
  },
  GC_K8S_POD_SECURITY: {
    default: "default",
    help:
      "`default` = no privilege escalation, no capabilities, seccomp RuntimeDefault, no service-account token, the " +
      "image's user; `restricted` = also passes the Pod Security level of that name, with user id 1000; " +
      "`unconfined` = no security context, for images that need sudo.",
    check: oneOf("default", "restricted", "unconfined"),
  },
  GC_K8S_RUN_AS_USER: {
    default: "",
    help:
      "User and group id of the agent; `image` = none is set, so the image's user or the one that the namespace assigns " +
      "(OpenShift) is taken; empty = 1000 under `restricted`, else the image's user.",
    check: must("a numeric user id or image", (value) => value === "image" || largestId(value) === undefined),
  },
  GC_K8S_CLAUDE_CREDENTIALS: {
    default: "claude-credentials",
    help:
      "Secret whose keys become files of Claude's configuration directory; agents start without it when it is absent. " +
      "`none` = no such secret.",
    check: orNone(dnsName),
  },
  GC_K8S_GIT_CREDENTIALS: {
    default: "git-credentials",
    help: "Secret whose key `token` becomes `GITHUB_TOKEN`, when it is present. `none` = no such secret.",
    check: orNone(dnsName),
  },
  GC_K8S_ENV_CREDENTIALS: {
    default: "",
    help: 'Variables out of secrets, a JSON object: `{"ANTHROPIC_API_KEY": "anthropic/api-key"}` (secret/key).',
    check: variableReferences,
    isConfidential: true,
  },
  GC_K8S_ENV_FROM_CREDENTIALS: {
    default: "",
    help: "Secrets of which every key becomes a variable: their names, separated by commas.",
    check: dnsNames,
    isConfidential: true,
  },
  GC_K8S_FILE_CREDENTIALS: {
    default: "",
    help:
      'Secrets as files, a JSON object: `{"/etc/agent": "name", "/etc/netrc": "name/key"}`. A secret is a directory and ' +
      "follows its changes, one key is a file and keeps the value of the start.",
    check: fileReferences,
    isConfidential: true,
  },
} satisfies SettingRows;
