import type { Place } from "./place.ts";
import { must } from "./run-process.ts";
import { type PodObject, podGone } from "./session.ts";

/** Makes a pod of the agent's image as `kubectl run` would and resolves when a watch shows that it runs. Like every
 * pod that says nothing else it mounts its account's token: the kubelet takes 0.3 s for the first volume of any kind. */
export async function startBarePod(place: Place, name: string): Promise<void> {
  const pod = await place.api.request<PodObject>("POST", place.pods(), barePod(place, name));
  const query = `watch=true&fieldSelector=metadata.name%3D${name}&resourceVersion=${pod?.metadata.resourceVersion}`;
  const response = await place.api.open(`${place.pods()}?${query}`);
  must(response.ok && response.body !== null, `the watch of pod "${name}" was answered with ${response.status}`);
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body) {
    const lines = (text + decoder.decode(chunk, { stream: true })).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      const { object } = JSON.parse(line) as { object: PodObject };
      if (object.status?.containerStatuses?.[0]?.state?.running) return;
    }
  }
  throw new Error(`Cannot measure: the watch of pod "${name}" ended before it ran`);
}

/** Deletes a bare pod and waits until it is gone. */
export async function removeBarePod(place: Place, name: string): Promise<void> {
  await place.api.request("DELETE", place.pods(name), { gracePeriodSeconds: 1 });
  await podGone(place, name);
}

function barePod({ cluster }: Place, name: string): object {
  return {
    metadata: { name },
    spec: {
      restartPolicy: "Never",
      containers: [
        {
          name: "agent",
          image: cluster.agentImage,
          imagePullPolicy: "IfNotPresent",
          command: ["sleep", "1000000"],
          resources: { requests: { cpu: "10m", memory: "16Mi" } },
        },
      ],
    },
  };
}
