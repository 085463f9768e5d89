import { readFileSync, statSync } from "node:fs";
import { posix } from "node:path";
import { cityOf } from "../pod/environment.ts";
import { podPath, podWorkDir, projectCommand } from "../pod/paths.ts";
import { OperationError } from "../provider/errors.ts";
import type { OperationLog } from "../provider/log.ts";
import { isMergedFile, mergeJson } from "./merge-json.ts";
import type { StartConfig } from "./start-config.ts";
import type { Staged } from "./tar-stream.ts";
import { bytesOf, readEntry, readTree } from "./tree.ts";

/** Root of everything that is staged, as the stream names it. */
const ROOT = "workspace";
const PER_PROVIDER = "per-provider";
const NOTHING: ReadonlySet<string> = new Set();
/** The controller's own state, which a box must not have. */
const CITY_STATE: ReadonlySet<string> = new Set([".gc"]);

/** Rig bindings and suspensions; both name paths of the controller, which are projected. */
const CITY_FACTS = [".gc/site.toml", ".gc/runtime/suspension-state.json"];

/** Everything that goes into the box before the agent starts, in upstream's order; what comes later wins. */
export function stagedFiles(config: StartConfig, log: OperationLog): Staged[] {
  const staged = new Stage(log);
  const city = cityOf(config.env);
  const workDir = podWorkDir(config.workDir, city).slice(1);
  const hasCity = city !== "" && isDirectory(city);
  if (hasCity) staged.city(city);
  // The city's tree holds a work directory that lies in it.
  if (config.workDir && !(hasCity && podPath(config.workDir, city))) {
    staged.addAll(readTree(config.workDir, { target: bytesOf(workDir), excludeTop: NOTHING }));
  }
  const slot = config.env["GC_PROVIDER"] ?? "";
  for (const directory of [...config.packOverlayDirs, config.overlayDir]) {
    if (directory) staged.overlay(directory, workDir, slot);
  }
  for (const { src, relDst } of config.copyFiles) staged.copy(src, relDst);
  return [...staged.entries.values()];
}

/** The tree that is being put together, by path in the stream. */
class Stage {
  readonly entries = new Map<string, Staged>();

  constructor(readonly log: OperationLog) {}

  /** The city's own files; of its state only what an agent's gc needs to know the same rigs and suspensions. */
  city(city: string): void {
    this.addAll(readTree(city, { target: ROOT, excludeTop: CITY_STATE }));
    for (const name of CITY_FACTS) {
      const path = `${city}/${name}`;
      if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
      const content = new TextEncoder().encode(projectCommand(readFileSync(path, "utf8"), city));
      this.#add({ path: `${ROOT}/${name}`, type: "file", mode: 0o644, mtime: 0, size: content.length, content });
    }
  }

  addAll(entries: Staged[]): void {
    for (const entry of entries) this.#add(entry);
  }

  /** Universal files first, then those of the provider's slot, both on top of the work directory. */
  overlay(directory: string, workDir: string, slot: string): void {
    if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === false)
      throw new OperationError(`Cannot stage the overlay "${directory}": it is no directory`);
    const target = bytesOf(workDir);
    const universal = readTree(directory, { target, excludeTop: new Set([".gc", PER_PROVIDER]) });
    const own = slot ? readTree(`${directory}/${PER_PROVIDER}/${slot}`, { target, excludeTop: CITY_STATE }) : [];
    for (const entry of universal) this.#addOverlay(entry, workDir, directory, false);
    // The work directory's own instructions stand above this provider's.
    for (const entry of own) this.#addOverlay(entry, workDir, directory, slot === "kiro");
  }

  /** A directory's contents go below the path, a file becomes it; what is missing is skipped. */
  copy(source: string, relative: string): void {
    const path = posix.normalize(`/${relative}`).replace(/\/+$/, "");
    if (isDirectory(source)) {
      this.addAll(readTree(source, { target: bytesOf(ROOT + path), excludeTop: NOTHING }));
      return;
    }
    const entry = readEntry(source, bytesOf(ROOT + (path || `/${posix.basename(source)}`)));
    if (entry) this.#add(entry);
    else this.log.warn(`copy_files: "${source}" is missing`);
  }

  #addOverlay(entry: Staged, workDir: string, directory: string, preservesInstructions: boolean): void {
    const inWorkDir = entry.path.slice(bytesOf(workDir).length + 1);
    const before = this.entries.get(entry.path);
    if (before && entry.type !== before.type && (entry.type === "directory" || before.type === "directory"))
      throw new OperationError(
        `Cannot stage the overlay "${directory}": "${inWorkDir}" is a directory on one side only`,
      );
    if (before && preservesInstructions && inWorkDir === "AGENTS.md") {
      this.log.warn("overlay: preserving existing AGENTS.md");
      return;
    }
    const isMerge = before?.type === "file" && entry.type === "file" && isMergedFile(inWorkDir);
    this.#add(isMerge ? merged(before, entry, directory) : entry);
  }

  #add(entry: Staged): void {
    this.entries.set(entry.path, entry);
  }
}

function merged(before: Staged, over: Staged, directory: string): Staged {
  try {
    const content = new TextEncoder().encode(mergeJson(textOf(before), textOf(over)));
    return { path: over.path, type: "file", mode: over.mode, mtime: over.mtime, size: content.length, content };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new OperationError(`Cannot stage the overlay "${directory}": "${over.path}" is no JSON and cannot be merged`);
  }
}

function textOf(entry: Staged): string {
  if ("content" in entry) return new TextDecoder().decode(entry.content);
  return "source" in entry ? readFileSync(Buffer.from(entry.source, "latin1"), "utf8") : "";
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
