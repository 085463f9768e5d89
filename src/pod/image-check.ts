import checkScript from "./check-image.sh" with { type: "text" };

/** What an image holds that serves `env.tooling`. */
export const TOOLING = ["gc", "bd", "git"];

/** Command that prints, a line each, what the image lacks of what a box needs, and of `tools`. */
export function imageCheck(tools: string[]): string[] {
  return ["/bin/sh", "-c", checkScript, "gc-check-image", tools.join(" ")];
}
