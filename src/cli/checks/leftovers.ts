import { list } from "../../kube/watch.ts";
import { AGENT_APP, Annotation, Label } from "../../pod/labels.ts";
import { labelValue } from "../../pod/names.ts";
import { type Check, doubtful, type Finding, noted } from "./check.ts";

interface Pod {
  metadata: {
    name: string;
    creationTimestamp: string;
    deletionTimestamp?: string;
    annotations?: Record<string, string>;
  };
  status?: { phase?: string };
}

/** A pod that ends is gone within its grace period and what a node needs beside it. */
const TERMINATING_MS = 120_000;

/** Nothing lies about that nobody will clear away. */
export const leftovers: Check = {
  name: "leftovers",
  async run(patient) {
    const { context, namespace, city } = patient;
    const { items } = await list<Pod>(context.client(), {
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
      what: "GET pods of the city",
      labelSelector: `${Label.app}=${AGENT_APP},${Label.city}=${labelValue(city)}`,
      signal: context.signal,
    });
    const now = context.client().serverNowMs;
    const pods = items.filter(({ metadata }) => metadata.annotations?.[Annotation.cityName] === city);
    return [...stuck(pods, now), ...neverLaunched(pods, now), ...ended(pods)];
  },
};

function stuck(pods: Pod[], now: number): Finding[] {
  const found = pods.filter(({ metadata: { deletionTimestamp: at } }) => at && now - Date.parse(at) > TERMINATING_MS);
  return tell(
    found,
    doubtful,
    "are deleted but still there",
    "look at their nodes; kubectl delete --force if a node is lost for good",
  );
}

function neverLaunched(pods: Pod[], now: number): Finding[] {
  const found = pods.filter(({ metadata: { annotations = {}, creationTimestamp, deletionTimestamp } }) => {
    const limitMs = Number(annotations[Annotation.startSeconds]) * 1000;
    const isBox = !annotations[Annotation.launched] && !annotations[Annotation.provisioned];
    return isBox && !deletionTimestamp && now > Date.parse(creationTimestamp) + limitMs;
  });
  return tell(
    found,
    doubtful,
    "were never launched",
    "the next start of the session removes its own; else kubectl delete pod",
  );
}

function ended(pods: Pod[]): Finding[] {
  const found = pods.filter(
    ({ metadata: { annotations = {} }, status }) =>
      annotations[Annotation.launched] && ["Failed", "Succeeded"].includes(status?.phase ?? ""),
  );
  return tell(found, noted, "have ended", "gc-k8s why tells how; stop or a next start of the session removes them");
}

function tell(pods: Pod[], level: (problem: string, fix: string) => Finding, what: string, fix: string): Finding[] {
  if (pods.length === 0) return [];
  const names = pods.slice(0, 3).map(({ metadata }) => metadata.name);
  return [level(`${pods.length} pods of sessions ${what}: ${names.join(", ")}${pods.length > 3 ? ", …" : ""}`, fix)];
}
