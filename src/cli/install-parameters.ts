import { Option } from "commander";
import type { Settings } from "../provider/settings.ts";
import type { Options } from "./command.ts";

/** What an installation can be told beside namespace and city. */
export interface Parameters {
  /** Image by its repository in `deploy/`; an absent one stays as it is there. */
  images: Record<string, string>;
  /** Storage class of Dolt's volumes; "" = the cluster's default. */
  storageClass: string;
}

/** Options of the command line that give the parameters. */
export function parameterOptions(): Option[] {
  return [
    new Option("--image <image>", "image that holds gc-k8s, for the clean-up of beads, events and pods"),
    new Option("--dolt-image <image>", "image of Dolt"),
    new Option("--storage-class <name>", "storage class of Dolt's volumes"),
  ];
}

/** Parameters out of options, else as `kept` from the installation before. */
export function readParameters(options: Options, settings: Settings, kept: Partial<Parameters> = {}): Parameters {
  const images: Record<string, string> = { ...kept.images };
  const given: Record<string, string | true | undefined> = {
    "gc-k8s": options["image"],
    "dolthub/dolt": options["doltImage"],
    "gc-beads": settings.get("GC_K8S_BEADS_IMAGE") || settings.get("GC_K8S_IMAGE"),
  };
  for (const [name, image] of Object.entries(given)) if (typeof image === "string" && image) images[name] = image;
  const { storageClass } = options;
  return { images, storageClass: typeof storageClass === "string" ? storageClass : (kept.storageClass ?? "") };
}
