import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A city on this machine, with what gc finds in every one. */
export interface City {
  name: string;
  path: string;
  /** Home of the user that runs gc; outside of the city. */
  home: string;
  remove(): void;
}

const FILES: Record<string, string> = {
  "city.toml": '[workspace]\nname = "tracecity"\n',
  ".gc/settings.json": "{}\n",
  "scripts/setup.sh": "echo script > /tmp/setup-script\n",
  "overlays/clerk/overlay.txt": "of the overlay\n",
  "app/README.md": "a rig\n",
};
const CORE_OVERLAY = ".gc/cache/repos/CACHEKEY/internal/bootstrap/packs/core/overlay";

/** Makes a city with one rig, `app`. */
export function makeCity(): City {
  const root = mkdtempSync(join(tmpdir(), "gc-city-"));
  const path = join(root, "city");
  const home = join(root, "home");
  for (const [file, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  mkdirSync(join(home, CORE_OVERLAY), { recursive: true });
  writeFileSync(join(home, CORE_OVERLAY, "core.txt"), "of the core pack\n");
  return { name: "tracecity", path, home, remove: () => rmSync(root, { recursive: true }) };
}

/** The core pack's overlay, which comes with every agent. */
export function coreOverlay(city: City): string {
  return join(city.home, CORE_OVERLAY);
}
