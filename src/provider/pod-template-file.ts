import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { type TemplateSection, templateSections } from "../pod/pod-template.ts";
import { PatchError } from "../pod/strategic-merge.ts";
import type { UsageError } from "./errors.ts";
import { badSetting, type Settings } from "./settings.ts";

/** Sections of the pod template that the settings name; none without one. */
export function readPodTemplate(settings: Settings): TemplateSection[] {
  const { value, origin } = settings.describe("GC_K8S_POD_TEMPLATE");
  if (!value) return [];
  if (!isAbsolute(value) && !isAbsolute(origin)) throw badTemplate(settings, "must be an absolute path");
  const path = isAbsolute(value) ? value : join(dirname(origin), value);
  try {
    return templateSections(Bun.YAML.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (error instanceof PatchError) throw badTemplate(settings, error.message);
    if (error instanceof SyntaxError) throw badTemplate(settings, `it is no YAML: ${error.message}`);
    const { code } = error as NodeJS.ErrnoException;
    if (code) throw badTemplate(settings, `the file cannot be read: ${code}`);
    throw error;
  }
}

/** The error of a template that cannot be used. */
export function badTemplate(settings: Settings, problem: string): UsageError {
  return badSetting("GC_K8S_POD_TEMPLATE", settings.describe("GC_K8S_POD_TEMPLATE"), problem);
}
