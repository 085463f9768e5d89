import { readFileSync, statSync } from "node:fs";
import { posix } from "node:path";
import { cityOf } from "../pod/environment.ts";
import { podPath, podWorkDir, projectCommand } from "../pod/paths.ts";
import { OperationError } from "../provider/errors.ts";
import type { Context } from "../provider/operation.ts";
import { type IsIgnored, ignoreList } from "./ignore-list.ts";
import { isMergedFile, mergeJson } from "./merge-json.ts";
import { PER_PROVIDER, providerSlot } from "./provider-slot.ts";
import { stagedPath } from "./staged-path.ts";
import { assertStagingSize } from "./staging-size.ts";
import type { StartConfig } from "./start-config.ts";
import type { Staged } from "./tar-stream.ts";
import { bytesOf, readEntry, readTree } from "./tree.ts";

/** Root of everything that is staged, as the stream names it. */
const ROOT = "workspace";
/** The controller's own state, which a box must not have. */
const CITY_STATE = ".gc";
const STATE_AT_TOP: ReadonlySet<string> = new Set([CITY_STATE]);
const NOTHING: ReadonlySet<string> = new Set();

/** Rig bindings and suspensions; both name paths of the controller, which are projected. */
const CITY_FACTS = [".gc/site.toml", ".gc/runtime/suspension-state.json"];
/** How a git worktree and its repository find each other: files of one line, which names a path of the controller. */
const GIT_POINTER = /(^|\/)\.git$|\/\.git\/worktrees\/[^/]+\/gitdir$/;

/** Everything that goes into the box before the agent starts, in upstream's order; what comes later wins.
 * Throws when it is larger than the limit that is set. */
export async function stagedFiles(config: StartConfig, { log, settings }: StagingContext): Promise<Staged[]> {
  const city = cityOf(config.env);
  const staged = new Stage({ log, settings }, city);
  const workDir = podWorkDir(config.workDir, city).slice(1);
  const hasCity = city !== "" && isDirectory(city);
  if (hasCity) await staged.city(city);
  if (config.workDir) await staged.workDir(config.workDir, bytesOf(workDir), hasCity);
  const overlays = [...config.packOverlayDirs, config.overlayDir].filter((directory) => directory !== "");
  const slot = providerSlot(config, overlays);
  for (const directory of overlays) await staged.overlay(directory, workDir, slot);
  for (const { src, relDst } of config.copyFiles) await staged.copy(src, relDst);
  const entries = [...staged.entries.values()];
  assertStagingSize(entries, settings.get("GC_K8S_STAGING_LIMIT"));
  return entries;
}

/** What staging reads of its operation's context. */
type StagingContext = Pick<Context, "log" | "settings">;

/** The tree that is being put together, by path in the stream. */
class Stage {
  readonly entries = new Map<string, Staged>();
  /** Most trees have none, and then nothing has to be followed. */
  #hasLinks = false;

  constructor(
    readonly context: StagingContext,
    readonly cityPath: string,
  ) {}

  /** The city's own files; of its state only what an agent's gc needs to know the same rigs and suspensions. */
  async city(city: string): Promise<void> {
    const ignored = await this.#ignored(city);
    const isIgnored: IsIgnored = (path, isDirectory) =>
      posix.basename(path) === CITY_STATE || ignored?.(path, isDirectory) === true;
    for (const entry of readTree(city, { target: ROOT, excludeTop: NOTHING, isIgnored })) this.#add(entry);
    for (const name of CITY_FACTS) {
      const entry = readEntry(`${city}/${name}`, `${ROOT}/${name}`);
      if (entry?.type === "file") this.entries.set(entry.path, this.#projected({ ...entry, mode: 0o644 }));
    }
  }

  /** The work directory's own files, unless the city's tree has brought them: what lies in the city's state, behind a
   * link out of the city or in what the city leaves out has not come along. */
  async workDir(directory: string, target: string, hasCity: boolean): Promise<void> {
    const place = stagedPath(this.entries, ROOT, target);
    if (hasCity && podPath(directory, this.cityPath) && place?.isStaged) return;
    // A link that would lead the box nowhere makes room.
    for (let path = target; !place && path !== "."; path = posix.dirname(path))
      if (this.entries.get(path)?.type !== "directory") this.entries.delete(path);
    const path = place?.path ?? target;
    const own = path === ROOT ? undefined : readEntry(directory, path);
    if (own) this.#add(own);
    // What of it cannot be read is no reason against the start.
    await this.tree(directory, path, (problem) => this.context.log.warn(problem));
  }

  /** A directory's contents below `target`, a path in the box without its leading slash, as a byte string. */
  async tree(directory: string, target: string, onUnreadable?: (problem: string) => void): Promise<void> {
    const options = { target, excludeTop: NOTHING, isIgnored: await this.#ignored(directory), onUnreadable };
    for (const entry of readTree(directory, options)) this.#addPlaced(entry);
  }

  /** Universal files first, then those of the provider's slot, both on top of the work directory. */
  async overlay(directory: string, workDir: string, slot: string): Promise<void> {
    if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === false)
      throw new OperationError(`Cannot stage the overlay "${directory}": it is no directory`);
    const common = { target: bytesOf(workDir), isIgnored: await this.#ignored(directory) };
    const universal = readTree(directory, { ...common, excludeTop: new Set([CITY_STATE, PER_PROVIDER]) });
    const own = slot ? readTree(`${directory}/${PER_PROVIDER}/${slot}`, { ...common, excludeTop: STATE_AT_TOP }) : [];
    for (const entry of universal) this.#addOverlay(entry, workDir, directory, false);
    // The work directory's own instructions stand above this provider's.
    for (const entry of own) this.#addOverlay(entry, workDir, directory, slot === "kiro");
  }

  /** A directory's contents go below the path, a file becomes it; what is missing is skipped. */
  async copy(source: string, relative: string): Promise<void> {
    const path = posix.normalize(`/${relative}`).replace(/\/+$/, "");
    if (isDirectory(source)) {
      return await this.tree(source, bytesOf(ROOT + path));
    }
    const entry = readEntry(source, bytesOf(ROOT + (path || `/${posix.basename(source)}`)));
    if (entry) this.#addPlaced(entry);
    else this.context.log.warn(`copy_files: "${source}" is missing`);
  }

  #addOverlay(entry: Staged, workDir: string, directory: string, preservesInstructions: boolean): void {
    const inWorkDir = entry.path.slice(bytesOf(workDir).length + 1);
    const placed = this.#placed(entry);
    if (!placed) return;
    const before = this.entries.get(placed.path);
    if (before && entry.type !== before.type && (entry.type === "directory" || before.type === "directory"))
      throw new OperationError(
        `Cannot stage the overlay "${directory}": "${inWorkDir}" is a directory on one side only`,
      );
    if (before && preservesInstructions && inWorkDir === "AGENTS.md") {
      this.context.log.warn("overlay: preserving existing AGENTS.md");
      return;
    }
    const isMerge = before?.type === "file" && entry.type === "file" && isMergedFile(inWorkDir);
    this.#add(isMerge ? merged(before, placed, directory) : placed);
  }

  #addPlaced(entry: Staged): void {
    const placed = this.#placed(entry);
    if (placed) this.#add(placed);
  }

  /** The entry where the links that are staged lead: what goes below a directory that is a link goes where that leads, and
   * one that leads the box nowhere makes room. Undefined for a directory that is there as a link. */
  #placed(entry: Staged): Staged | undefined {
    if (!this.#hasLinks) return entry;
    const isLink = (path: string) => this.entries.get(path)?.type === "symlink";
    if (entry.type === "directory" && isLink(entry.path)) {
      if (stagedPath(this.entries, ROOT, entry.path)?.isStaged) return undefined;
      this.entries.delete(entry.path);
      return entry;
    }
    const parent = posix.dirname(entry.path);
    const place = stagedPath(this.entries, ROOT, parent);
    if (place) return place.path === parent ? entry : { ...entry, path: `${place.path}/${posix.basename(entry.path)}` };
    for (let path = parent; path !== "."; path = posix.dirname(path)) if (isLink(path)) this.entries.delete(path);
    return entry;
  }

  #ignored(directory: string): Promise<IsIgnored | undefined> {
    return ignoreList(directory, this.context.settings.get("GC_K8S_STAGING_IGNORE"));
  }

  /** What leads somewhere by the city's path on this machine leads to the same file in the box. */
  #add(entry: Staged): void {
    const target = entry.linkTarget?.startsWith("/") ? podPath(entry.linkTarget, bytesOf(this.cityPath)) : undefined;
    const isPointer = entry.type === "file" && "source" in entry && GIT_POINTER.test(entry.path);
    const added = isPointer ? this.#projected(entry) : entry;
    this.#hasLinks ||= entry.type === "symlink";
    this.entries.set(entry.path, target ? { ...entry, linkTarget: target } : added);
  }

  /** A file with the city's path in its content made the box's. */
  #projected(entry: Staged): Staged {
    const content = new TextEncoder().encode(projectCommand(textOf(entry), this.cityPath));
    const { path, mode, mtime } = entry;
    return { path, type: "file", mode, mtime, size: content.length, content };
  }
}

function merged(before: Staged, over: Staged, directory: string): Staged {
  const base = textOf(before).trim() || "{}";
  try {
    const content = new TextEncoder().encode(mergeJson(base, textOf(over)));
    return {
      path: over.path,
      type: "file",
      mode: over.mode,
      mtime: Math.max(before.mtime, over.mtime),
      size: content.length,
      content,
    };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const whose = isJson(base) ? "of the overlay" : "below it";
    throw new OperationError(
      `Cannot stage the overlay "${directory}": "${over.path}" ${whose} is no JSON and cannot be merged`,
    );
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function textOf(entry: Staged): string {
  if ("content" in entry) return new TextDecoder().decode(entry.content);
  return "source" in entry ? readFileSync(Buffer.from(entry.source, "latin1"), "utf8") : "";
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
