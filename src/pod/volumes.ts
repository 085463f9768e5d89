import type { AgentPodInput } from "./agent-pod.ts";
import { RUN_DIR, WORKSPACE } from "./box.ts";
import { CLAIM_HOME } from "./home.ts";
import type { JsonObject } from "./strategic-merge.ts";

/** Where the secret with Claude's configuration is mounted; the launch copies it into the agent's home. */
export const CLAUDE_SECRET_DIR = "/tmp/claude-secret";

/** Names of the volumes that a box is made of. */
export const Volume = { workspace: "ws", run: "run", claude: "claude-config" } as const;

/** Volumes of the pod: the workspace unless the image holds it, the session's own files in memory, and credentials. */
export function volumes(input: AgentPodInput): JsonObject[] {
  const { claude, files } = input.credentials;
  return [
    ...(input.isPrebaked ? [] : [workspaceVolume(input)]),
    { name: Volume.run, emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
    // Absent credentials must not keep an agent from starting: the agent itself says best that it has none.
    ...(claude ? [{ name: Volume.claude, secret: { secretName: claude, optional: true } }] : []),
    ...secretNames(files).map((secretName) => ({ name: fileVolume(files, secretName), secret: { secretName } })),
  ];
}

/** Where the agent's container sees them. */
export function volumeMounts(input: AgentPodInput): JsonObject[] {
  const { claude, files } = input.credentials;
  return [
    ...(input.isPrebaked ? [] : workspaceMounts(input)),
    { name: Volume.run, mountPath: RUN_DIR },
    ...(claude ? [{ name: Volume.claude, mountPath: CLAUDE_SECRET_DIR, readOnly: true }] : []),
    ...Object.entries(files).map(([mountPath, reference]) => {
      const [secretName = "", subPath] = reference.split("/");
      return { name: fileVolume(files, secretName), mountPath, ...(subPath && { subPath }), readOnly: true };
    }),
  ];
}

function workspaceVolume(input: AgentPodInput): JsonObject {
  if (input.workspaceClaim)
    return { name: Volume.workspace, persistentVolumeClaim: { claimName: input.workspaceClaim } };
  return { name: Volume.workspace, emptyDir: input.workspaceSize ? { sizeLimit: input.workspaceSize } : {} };
}

/** A claim holds two directories, because an agent's home outlives the pod as its work does. */
function workspaceMounts({ workspaceClaim }: AgentPodInput): JsonObject[] {
  if (!workspaceClaim) return [{ name: Volume.workspace, mountPath: WORKSPACE }];
  return [
    { name: Volume.workspace, mountPath: WORKSPACE, subPath: "workspace" },
    { name: Volume.workspace, mountPath: CLAIM_HOME, subPath: "home" },
  ];
}

/** A secret that is mounted at several paths is one volume. */
function secretNames(files: Record<string, string>): string[] {
  return [...new Set(Object.values(files).map((reference) => reference.split("/")[0] ?? ""))];
}

/** A secret's name may hold dots, a volume's may not. */
function fileVolume(files: Record<string, string>, secretName: string): string {
  return `credentials-${secretNames(files).indexOf(secretName)}`;
}
