import { readFileSync } from "node:fs";
import { join } from "node:path";

const deploy = join(import.meta.dir, "../../deploy");

/** A Kubernetes object as a manifest has it. */
export interface Manifest {
  kind: string;
  metadata: { name: string };
}

/** The objects of a file in `deploy/` as they are, but that every container runs `image`. */
export function manifestsOf(file: string, image: string): Manifest[] {
  const documents = Bun.YAML.parse(readFileSync(join(deploy, file), "utf8"));
  const objects = (Array.isArray(documents) ? documents : [documents]) as Manifest[];
  return JSON.parse(JSON.stringify(objects), (key, value) => (key === "image" ? image : value)) as Manifest[];
}
