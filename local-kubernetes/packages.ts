import { existsSync } from "node:fs";
import { join } from "node:path";
import { ownGo } from "./go-toolchain.ts";
import { cacheDirectory } from "./layout.ts";
import type { Report } from "./progress.ts";
import { runTool } from "./run-tool.ts";

/** The Debian package that brings a command, or a file; tmux, git and curl are what the tests use. */
const PACKAGES: Record<string, string> = {
  containerd: "containerd",
  ctr: "containerd",
  runc: "runc",
  debootstrap: "debootstrap",
  "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
  ip: "iproute2",
  nft: "nftables",
  "iptables-restore": "iptables",
  nsenter: "util-linux",
  tmux: "tmux",
  git: "git",
  curl: "curl",
};

/** What compiles the bead store's programs, in the same form. */
const C_COMPILER: Record<string, string> = { gcc: "gcc", "/usr/include/stdio.h": "libc6-dev" };

const CNI_PACKAGE = "containernetworking-plugins";
const CNI_DIRECTORIES = ["/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"];

/** Installs the Debian packages that are missing on this machine; a C compiler only where it is needed. */
export async function ensurePackages(report: Report, needsC: boolean): Promise<void> {
  const missing = await missingPackages(needsC ? { ...PACKAGES, ...C_COMPILER } : PACKAGES);
  if (missing.length === 0) return;
  if (!Bun.which("apt-get")) {
    throw new Error(`Cannot install ${missing.join(", ")}: there is no apt-get here; install the programs another way`);
  }
  const log = join(cacheDirectory(), "apt.log");
  const options = { log, env: { DEBIAN_FRONTEND: "noninteractive" } };
  report("updating the package lists");
  await runTool(["apt-get", "update", "--quiet"], options);
  await runTool(["dpkg", "--configure", "-a"], options); // an interrupted run leaves packages half installed
  const hasSystemd = existsSync("/run/systemd/system");
  // The packaged service would run beside ours for nothing. This mask is gone after a restart of the machine.
  if (hasSystemd) await runTool(["systemctl", "mask", "--runtime", "containerd.service"], options);
  report(missing.join(", "));
  const install = ["apt-get", "install", "--yes", "--quiet", "--no-remove", "--no-install-recommends"];
  await runTool([...install, "--option", "DPkg::Lock::Timeout=120", ...missing], options);
  if (hasSystemd) await runTool(["systemctl", "unmask", "--runtime", "containerd.service"], options);
}

/** The directory that holds the CNI plugins. */
export function cniPlugins(): string {
  const found = CNI_DIRECTORIES.find((path) => existsSync(join(path, "ptp")));
  if (!found) throw new Error(`Cannot find the CNI plugins: install the package ${CNI_PACKAGE}`);
  return found;
}

/** The path of containerd. */
export function containerdPath(): string {
  const path = Bun.which("containerd");
  if (!path) throw new Error(`Cannot find containerd: install the package ${PACKAGES["containerd"]}`);
  return path;
}

async function missingPackages(wanted: Record<string, string>): Promise<string[]> {
  const missing = new Set<string>();
  for (const [name, debianPackage] of Object.entries(wanted)) {
    if (!(name.startsWith("/") ? existsSync(name) : Bun.which(name))) missing.add(debianPackage);
  }
  if (!CNI_DIRECTORIES.some((path) => existsSync(join(path, "ptp")))) missing.add(CNI_PACKAGE);
  if (!(await ownGo()) && !Bun.which("pip3")) missing.add("python3-pip"); // Go then comes from PyPI
  return [...missing];
}
