// Runs a TypeScript file of this repository with the pinned Bun, installing the
// development dependencies first when they are missing or out of date. Plain Node
// and no dependency, because this is what a fresh clone starts with.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL(".", import.meta.url));

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function isInstalled() {
  const marker = `${root}node_modules/.package-lock.json`;
  return existsSync(marker) && statSync(marker).mtimeMs >= statSync(`${root}package-lock.json`).mtimeMs;
}

// Install scripts stay off (.npmrc): Bun's own would move the executable out of its platform package.
function install() {
  process.stderr.write("Installing development dependencies (npm ci) …\n");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (npm.status !== 0) fail("Cannot install the development dependencies: npm ci failed (its output is above)");
}

function bunExecutable() {
  const os = { linux: "linux", darwin: "darwin" }[process.platform];
  const cpu = { x64: "x64", arm64: "aarch64" }[process.arch];
  if (!os || !cpu) fail(`Cannot run on ${process.platform} ${process.arch}: Bun has no build for it here`);
  const old = os === "linux" && cpu === "x64" && !/\bavx2\b/.test(readFileSync("/proc/cpuinfo", "utf8"));
  const path = `${root}node_modules/@oven/bun-${os}-${cpu}${old ? "-baseline" : ""}/bin/bun`;
  if (!existsSync(path)) fail(`Cannot find Bun at ${path}: remove node_modules and run the command again`);
  return path;
}

const [script, ...args] = process.argv.slice(2);
if (!script) fail("usage: node run.mjs FILE.ts [argument…]");
if (!isInstalled()) install();
const child = spawn(bunExecutable(), [`${root}${script}`, ...args], { stdio: "inherit" });
// A terminal signals the whole group; a signal sent to this process alone must be passed on.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
