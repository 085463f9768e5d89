import type { TestNamespace } from "../conformance/namespace.ts";
import type { Passing } from "../events/api-proxy.ts";
import type { TestCluster } from "../support/cluster.ts";

/** What a broken cluster is made of. */
export interface Place {
  cluster: TestCluster;
  /** A namespace with a city that is installed and well. */
  healthy: TestNamespace;
  /** Environment under which the doctor finds nothing wrong. */
  env: Record<string, string>;
  /** A directory for files of the case. */
  scratch: string;
  /** Makes an empty namespace, which is removed at the end; returns its environment. */
  fresh(labels?: string[]): Promise<{ namespace: TestNamespace; env: Record<string, string> }>;
}

/** A cluster that is broken in one way, and what the doctor has to say about it. */
export interface BrokenCluster {
  title: string;
  /** Breaks it and returns what changes in the environment, and what mends it again. */
  breakIt(place: Place): Promise<Breakage> | Breakage;
  /** Options of the doctor. */
  options?: string[];
  finds: { check: string; level: "error" | "warning" | "note"; says: RegExp };
}

/** How a cluster was broken. */
export interface Breakage {
  env?: Record<string, string>;
  /** Stands between doctor and API server; `undefined` passes the request on. */
  answer?: (passing: Passing) => Promise<Response | undefined> | undefined;
  mend?: () => Promise<void> | void;
}
