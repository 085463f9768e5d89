import { parseArgs } from "node:util";

/** What the command line asks for. */
export type Command =
  | { verb: "down" | "kubeconfig"; name: string }
  | { verb: "up"; name: string; withBeads: boolean }
  | { verb: "status"; name: string; json: boolean }
  | { verb: "load"; name: string; archive: string };

const USAGE =
  "usage: npm run cluster -- up [--with beads] | down | status [-o json] | kubeconfig | load IMAGE_TAR  [--name NAME]";

/** Reads a command line; throws with the usage when it makes no sense. */
export function parseCommand(args: string[]): Command {
  const { values, positionals } = parse(args);
  const { name, output, with: extra } = values;
  const [verb, archive, ...rest] = positionals;
  // The name becomes part of a cgroup's, a node's and a directory's.
  if (!/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) {
    throw new Error(`Cannot use the name "${name}": at most 40 of a-z, 0-9 and "-" (not first or last) are allowed`);
  }
  if (output !== undefined && (verb !== "status" || output !== "json")) throw new Error(USAGE);
  if (extra !== undefined && (verb !== "up" || extra !== "beads")) throw new Error(USAGE);
  if (verb === "load" && archive && rest.length === 0) return { verb, name, archive };
  if (archive !== undefined) throw new Error(USAGE);
  if (verb === "status") return { verb, name, json: output === "json" };
  if (verb === "up") return { verb, name, withBeads: extra === "beads" };
  if (verb === "down" || verb === "kubeconfig") return { verb, name };
  throw new Error(USAGE);
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        name: { type: "string", default: "default" },
        output: { type: "string", short: "o" },
        with: { type: "string" },
      },
    });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${USAGE}`, { cause: error });
  }
}
