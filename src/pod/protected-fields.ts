import { RUN_DIR, WORKSPACE } from "./box.ts";
import { CLAIM_HOME } from "./home.ts";
import { AGENT_CONTAINER, Annotation, Label } from "./labels.ts";
import { isObject, type Json, type JsonObject } from "./strategic-merge.ts";
import { Volume } from "./volumes.ts";

/** Reads something of a pod. */
type Look = (pod: JsonObject) => unknown;

/** What makes a pod a box, by the name that people read: a template may repeat it, but not change it. */
const PROTECTED: Record<string, Look> = {
  apiVersion: (pod) => pod["apiVersion"],
  kind: (pod) => pod["kind"],
  // A finalizer would keep a stopped session, an owner would end a running one.
  "metadata other than labels and annotations": (pod) => without(object(pod["metadata"]), ["labels", "annotations"]),
  [`the labels ${Object.values(Label).join(", ")}`]: (pod) => only(metadata(pod, "labels"), Object.values(Label)),
  [`the annotations ${Object.values(Annotation).join(", ")}`]: (pod) =>
    only(metadata(pod, "annotations"), Object.values(Annotation)),
  // Ready=False beside a running container is how a silent node shows, so nothing else may be able to cause it.
  "spec.readinessGates": (pod) => spec(pod)["readinessGates"],
  "spec.restartPolicy": (pod) => spec(pod)["restartPolicy"],
  "spec.ephemeralContainers": (pod) => spec(pod)["ephemeralContainers"],
  // The box's script has to be PID 1, and ends by killing every process that it sees.
  "spec.hostPID": (pod) => spec(pod)["hostPID"],
  "spec.shareProcessNamespace": (pod) => spec(pod)["shareProcessNamespace"],
  // A second container would keep the pod running after its agent's end.
  'the only entry of spec.containers, "agent" (a sidecar is an entry of spec.initContainers with restartPolicy: Always)':
    (pod) => list(spec(pod)["containers"]).map((container) => container["name"]),
  ...Object.fromEntries(
    [
      "command",
      "args",
      "workingDir",
      "stdin",
      "tty",
      "terminationMessagePath",
      "terminationMessagePolicy",
      "readinessProbe",
      "startupProbe",
    ].map((field): [string, Look] => [`${field} of the container "${AGENT_CONTAINER}"`, (pod) => agent(pod)[field]]),
  ),
  [`the volumes ${Volume.workspace} and ${Volume.run}`]: (pod) =>
    list(spec(pod)["volumes"]).filter(({ name }) => name === Volume.workspace || name === Volume.run),
  [`what is mounted at ${WORKSPACE}, ${CLAIM_HOME} and ${RUN_DIR}`]: (pod) =>
    list(agent(pod)["volumeMounts"]).filter(({ mountPath }) => isBoxPath(String(mountPath))),
};

/** The first thing that differs between the pod as it has to be and as a template made it; undefined when all is kept. */
export function changedField(pod: JsonObject, templated: JsonObject): string | undefined {
  return Object.keys(PROTECTED).find((what) => {
    const look = PROTECTED[what];
    return !Bun.deepEquals(look?.(pod), look?.(templated));
  });
}

/** The container that the agent runs in. */
export function agent(pod: JsonObject): JsonObject {
  return list(spec(pod)["containers"]).find(({ name }) => name === AGENT_CONTAINER) ?? {};
}

/** The pod's spec. */
export function spec(pod: JsonObject): JsonObject {
  return object(pod["spec"]);
}

/** An agent may have directories of its own inside the workspace; below the session's files there is nothing of it. */
function isBoxPath(path: string): boolean {
  const clean = `/${path.split("/").filter(Boolean).join("/")}`;
  return clean === WORKSPACE || clean === CLAIM_HOME || `${clean}/`.startsWith(`${RUN_DIR}/`);
}

function metadata(pod: JsonObject, field: string): JsonObject {
  return object(object(pod["metadata"])[field]);
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function list(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function only(value: JsonObject, keys: string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([key]) => keys.includes(key)));
}

function without(value: JsonObject, keys: string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}
