import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");

/** What a block needs that the tests' cluster has not, by the word behind `sh`; such a block is only checked for its syntax. */
export const ELSEWHERE: Record<string, string> = {
  kind: "Docker and kind",
  k3d: "Docker and k3d",
  cloud: "an account with a cloud",
  helm: "helm: npm run test:helm installs the chart",
  suite: "nothing more, but it is a whole suite of its own: demo, test and build run elsewhere in npm test",
  terminal: "a terminal: test/cli/sessions.test.ts attaches",
};

/** One block of shell commands of a page. */
export interface Block {
  page: string;
  line: number;
  /** The word behind `sh`; "" = runs here. */
  mark: string;
  text: string;
}

/** The blocks of a page, in their order. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^( *)```sh *([^\n]*)\n([\s\S]*?)^\1```$/gm)].map((found) => ({
    page,
    line: text.slice(0, found.index).split("\n").length,
    mark: found[2] ?? "",
    text: found[3] ?? "",
  }));
}
