import { list } from "../kube/watch.ts";
import { AGENT_APP, Annotation, Label } from "../pod/labels.ts";
import { labelValue } from "../pod/names.ts";
import type { PodMetadata } from "../pod/pod-object.ts";
import { DRIVE_DEADLINE_MS, type Operation } from "../provider/operation.ts";
import { METADATA_ONLY, podsPath } from "./pods.ts";

/** `list-running <prefix>`: the own city's sessions only, because gc stops every listed name that it does not know. */
export const listRunning: Operation = {
  usage: "<prefix>",
  help: "Prints the names of the city's running sessions that begin with the prefix, one per line.",
  deadlineMs: DRIVE_DEADLINE_MS,
  async run(context) {
    const prefix = context.args[0] ?? "";
    const city = context.settings.get("GC_K8S_CITY");
    context.log.phase("list");
    const { items } = await list<PodMetadata>(context.client(), {
      path: podsPath(context.settings.get("GC_K8S_NAMESPACE")),
      what: "GET pods of the city",
      labelSelector: `${Label.app}=${AGENT_APP},${Label.city}=${labelValue(city)}`,
      fieldSelector: "status.phase=Running",
      accept: METADATA_ONLY,
      signal: context.signal,
    });
    const names = items
      .filter((pod) => isListed(pod, city))
      .map((pod) => pod.metadata.annotations?.[Annotation.sessionName] ?? "")
      .filter((name) => name !== "" && name.startsWith(prefix));
    return { stdout: names.map((name) => `${name}\n`).join("") };
  },
};

function isListed({ metadata }: PodMetadata, city: string): boolean {
  const { annotations = {}, deletionTimestamp } = metadata;
  // The label may be lossy; the annotation is the city's own name.
  return (
    deletionTimestamp === undefined && annotations[Annotation.cityName] === city && Annotation.launched in annotations
  );
}
