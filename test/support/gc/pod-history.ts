/** What was seen of one pod, in milliseconds of this process's clock. */
export interface PodRecord {
  session: string;
  uid: string;
  seenAtMs: number;
  launchedAtMs?: number;
  deletionAtMs?: number;
  goneAtMs?: number;
  phase: string;
}

/** Everything that happened to the pods of a namespace since `watchPods`. */
export interface PodHistory {
  of(session: string): PodRecord[];
  all(): PodRecord[];
  end(): void;
}

interface WatchedPod {
  type: string;
  object: {
    metadata: { uid: string; deletionTimestamp?: string; annotations?: Record<string, string> };
    status?: { phase?: string };
  };
}

/** Watches the pods of a namespace by kubectl, so that what an executable did is seen without it. */
export function watchPods(command: string[]): PodHistory {
  const args = ["get", "pods", "--watch", "--output-watch-events", "-o", "json"];
  const child = Bun.spawn([...command, ...args], { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
  const records = new Map<string, PodRecord>();
  void readEvents(child.stdout, (event) => note(records, event));
  return {
    all: () => [...records.values()],
    of: (session) => [...records.values()].filter((record) => record.session === session),
    end: () => child.kill(),
  };
}

/** kubectl prints each event as one line. */
async function readEvents(stdout: ReadableStream<Uint8Array>, onEvent: (event: WatchedPod) => void): Promise<void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stdout) {
    const lines = (text + decoder.decode(chunk, { stream: true })).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) onEvent(JSON.parse(line) as WatchedPod);
  }
}

function note(records: Map<string, PodRecord>, { type, object }: WatchedPod): void {
  const now = performance.now();
  const { uid, annotations = {}, deletionTimestamp } = object.metadata;
  const session = annotations["gc-session-name"] ?? "";
  const record: PodRecord = records.get(uid) ?? { session, uid, seenAtMs: now, phase: "" };
  records.set(uid, record);
  record.phase = object.status?.phase ?? "";
  if (annotations["gc-launched"] !== undefined) record.launchedAtMs ??= now;
  if (deletionTimestamp !== undefined || type === "DELETED") record.deletionAtMs ??= now;
  if (type === "DELETED") record.goneAtMs ??= now;
}
