import { dnsName, quantity } from "../kubernetes-syntax.ts";
import { must, oneOf, orNone } from "../setting-checks.ts";
import type { SettingRows } from "../setting-row.ts";

const amount = orNone(quantity);

/** The runner of `bd`, and how it reaches Dolt. Its server is GC_K8S_DOLT_HOST. */
export const beadsRows = {
  GC_K8S_BEADS_IMAGE: {
    default: "",
    help: "Image of the city's beads runner: `bd` 1.2 and `git`, any user; empty = the agents' image.",
  },
  GC_K8S_BEADS_CPU_REQUEST: {
    default: "100m",
    help: "CPU that the runner requests; `none` = no request.",
    check: amount,
  },
  GC_K8S_BEADS_MEM_REQUEST: { default: "256Mi", help: "Memory that the runner requests.", check: amount },
  GC_K8S_BEADS_CPU_LIMIT: {
    default: "none",
    help: "CPU limit of the runner; each operation is a `bd` process, so it sets the speed of every bead.",
    check: amount,
  },
  GC_K8S_BEADS_MEM_LIMIT: {
    default: "2Gi",
    help: "Memory limit of the runner, which runs one `bd` at a time for each 320 MiB of it (16 without a limit).",
    check: amount,
  },
  GC_K8S_DOLT_USER: {
    default: "root",
    help: "User at the Dolt server, where the credentials name none.",
    check: must("letters, digits, '-', '_' or '.'", (value) => /^[-A-Za-z0-9_.]{1,80}$/.test(value)),
  },
  GC_K8S_DOLT_ACCESS: {
    default: "dolt",
    help:
      "Secret with the Dolt server's `password` and, if need be, `user` and `ca.crt`; `<database>.password` and `<database>.user` go " +
      "before them, and are alone in going to a rig's own server. It may be absent, then no password is sent. `none` = no such secret.",
    check: orNone(dnsName),
  },
  GC_K8S_DOLT_TLS: {
    default: "false",
    help: "`true` = the connection to Dolt is encrypted, or not made.",
    check: oneOf("true", "false"),
  },
  GC_K8S_CUSTOM_TYPES: {
    default: "",
    help: "More types of beads than those that gc needs, separated by commas.",
    check: must("names of letters, digits, '-', '_' and ':', separated by commas", (value) =>
      value.split(",").every((name) => /^[A-Za-z0-9][-A-Za-z0-9_:]{0,31}$/.test(name.trim())),
    ),
  },
} satisfies SettingRows;
